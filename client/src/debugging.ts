// Debugging in the editor: what F5 starts when there is no launch.json, and which adapter answers.

import * as vscode from 'vscode';
import { ScenarioSession } from '../../server/src/dap/session.ts';
import { openScenario } from './open-scenario.ts';
import { readOpened } from './scenario-files.ts';

const TYPE = 'cocoscn';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the editor replaces it by the open file's path
const OPEN_FILE = '${file}';

/** What F5 means on the open file: stop before its first statement. */
export function launchOf(program: string): vscode.DebugConfiguration {
  return { type: TYPE, request: 'launch', name: 'Debug this scenario', program, stopOnEntry: true };
}

export function registerDebugging(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory(TYPE, { createDebugAdapterDescriptor: inlineAdapter }),
    vscode.debug.registerDebugConfigurationProvider(TYPE, { resolveDebugConfiguration: completed }),
    vscode.debug.registerDebugConfigurationProvider(
      TYPE,
      { provideDebugConfigurations: () => [launchOf(OPEN_FILE)] },
      vscode.DebugConfigurationProviderTriggerKind.Dynamic,
    ),
  );
}

/** The adapter answers inside the extension host: no process to start, no port, and a stop is drawn at once. */
function inlineAdapter(): vscode.DebugAdapterDescriptor {
  return new vscode.DebugAdapterInlineImplementation(new ScenarioSession(async (program) => readOpened(program)));
}

/** Without a launch.json the configuration arrives without a type; undefined ends the start after the message. */
async function completed(
  _folder: vscode.WorkspaceFolder | undefined,
  given: vscode.DebugConfiguration,
): Promise<vscode.DebugConfiguration | undefined> {
  const scenario = given.type ? undefined : openScenario();
  const config = scenario === undefined ? given : { ...given, ...launchOf(scenario.fileName) };
  if (typeof config.program === 'string') return config;
  await vscode.window.showErrorMessage('Open a .cocoscn file to debug it, or name one as "program" in launch.json.');
  return undefined;
}
