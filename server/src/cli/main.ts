// The command line: `cocoscn check`, `cocoscn run` and the rest, one file a subcommand.
import { Argument, Command, CommanderError, Option } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import { check } from './check.ts';
import { explain } from './explain.ts';
import { type ImportOptions, importRecording } from './import.ts';
import { EXIT, type Exit } from './input.ts';
import { flush, paintFor } from './output.ts';
import { run } from './run.ts';
import { serve } from './serve.ts';

const EXITS = `
Exit status:
  0  everything holds
  1  a scenario has errors, or an expectation does not hold
  2  bad usage, or a file that cannot be read`;

interface Options {
  readonly format: 'text' | 'json';
}

const format = () => new Option('--format <form>', 'how to print').choices(['text', 'json']).default('text');
const files = () => new Argument('<file...>', 'scenarios (.cocoscn); - is standard input');

let exit: Exit = EXIT.good;

const program = new Command('cocoscn')
  .description('Checks and runs scenarios of what happens to pages in confidential computing.')
  .version(manifest.version, '--version', 'print the version')
  .helpOption('--help', 'print this help')
  .addHelpText('after', EXITS)
  .showHelpAfterError('(cocoscn --help lists the commands)')
  .exitOverride();

program
  .command('check')
  .description('print what is wrong, as file:line:col: error CCSnnn: …')
  .addArgument(files())
  .addOption(format())
  .addHelpText('after', EXITS)
  .action((paths: string[], options: Options) => {
    exit = check(paths, options.format);
  });

program
  .command('run')
  .description('print every step with its result and what it changed')
  .addArgument(files())
  .addOption(format())
  .addHelpText('after', EXITS)
  .action((paths: string[], options: Options) => {
    exit = run(paths, options.format, paintFor(process.env));
  });

program
  .command('explain')
  .description('print the page of an operation, a view, a result, a condition or a code')
  .argument('<name>', 'RMI_DATA_CREATE, granule, RMI_ERROR_RTT, rtt_walk, CCS301')
  .action((name: string) => {
    exit = explain(name);
  });

program
  .command('import')
  .description('turn a recording into a scenario: an RMM log, or a trace of RMI calls')
  .argument('<file>', 'the recording, also gzipped; - is standard input')
  .option('--sequence <id>', 'which sequence of a trace')
  .addOption(
    new Option('--all', 'every sequence of a trace, each to a file in the folder that -o names').conflicts('sequence'),
  )
  .option('-o, --output <path>', 'where the scenario goes instead of standard output')
  .action((file: string, options: ImportOptions) => {
    exit = importRecording(file, options);
  });

for (const [kind, text] of [
  ['lsp', 'the language server, over standard input and output'],
  ['dap', 'the debug adapter, over standard input and output'],
] as const) {
  program
    .command(kind)
    .description(text)
    .addOption(new Option('--stdio', 'as editors say it; there is no other way').hideHelp())
    .action(() => void serve(kind));
}

try {
  program.parse();
  flush();
  process.exitCode = exit;
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  flush();
  // --help and --version end by an error too, with status 0; every other one is bad usage and was told already.
  process.exitCode = error.exitCode === 0 ? EXIT.good : EXIT.unusable;
}
