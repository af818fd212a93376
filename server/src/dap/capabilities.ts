// What the debugger can do, in the protocol's words.
import type { DebugProtocol } from '@vscode/debugprotocol';

/** The filter that stops at statements which failed. */
export const FAILURES = 'failure';

export const CAPABILITIES: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsRestartRequest: true,
  supportsTerminateRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsFunctionBreakpoints: true,
  supportsDataBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsExceptionInfoRequest: true,
  supportsEvaluateForHovers: true,
  supportsSteppingGranularity: true,
  exceptionBreakpointFilters: [
    {
      filter: FAILURES,
      label: 'Failures',
      description: 'Stops at a call with another result than the file says, and at an expectation that does not hold.',
      default: true,
    },
  ],
};
