// What is drawn at random is drawn alike in every run, so that a change is judged by itself and not by its luck.
// `SEED=N npm test -- unit` draws something else, to look for what nobody met yet.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
