// Entry of `npm run conformance`: replays recorded traces on the emulator.
import { conformance } from '../test/conformance/command.ts';

process.exitCode = conformance(process.argv.slice(2), (line) => console.log(line));
