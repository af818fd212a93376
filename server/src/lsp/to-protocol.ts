// From the features' plain data to the protocol's: offsets to positions, problems to diagnostics.
import { DiagnosticSeverity, type Diagnostic as LspDiagnostic, type Range } from 'vscode-languageserver/node';
import type { Span } from '../../../grammar/src/index.ts';
import type { Diagnostic } from '../features/diagnostics.ts';
import { details } from '../report/text.ts';
import type { SourceFile } from '../scenario/index.ts';

export const rangeOf = ({ lines }: SourceFile, { start, end }: Span): Range => ({
  start: lines.toZeroBased(start),
  end: lines.toZeroBased(end),
});

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

/** The text is the command line's: the message, then expected, actual and because. */
export function toDiagnostic(diagnostic: Diagnostic, uriOf: (file: SourceFile) => string): LspDiagnostic {
  const { file, span, code, severity, message, again, related = [] } = diagnostic;
  const more = again === 0 ? [] : [`  …and ${again} more ${again === 1 ? 'time' : 'times'}`];
  return {
    range: rangeOf(file, span),
    severity: SEVERITIES[severity],
    code,
    source: 'cocoscn',
    message: [message, ...details(diagnostic), ...more].join('\n'),
    relatedInformation: related.map((place) => ({
      location: { uri: uriOf(place.file), range: rangeOf(place.file, place.span) },
      message: place.message,
    })),
  };
}
