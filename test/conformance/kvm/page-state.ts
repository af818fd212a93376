// What became of a page that its file has lost: its address is found where it still had one, its state where the case asks.
import type { Run } from '../../../server/src/run/index.ts';
import { ask } from '../../../server/src/scenario/index.ts';
import { number } from './writer.ts';

const GRANULE = 4096;

/** The answer to a question at a moment; `undefined` if it has none there. */
function answerAt(run: Run, moment: number, text: string): unknown {
  run.seek(moment);
  const question = ask(text, run.instructionAt(moment));
  if ('problem' in question) return undefined;
  const answer = run.answer(question);
  return typeof answer === 'object' && 'fault' in answer ? undefined : answer;
}

/** The last physical address that `place` had up to a moment. */
function addressOf(run: Run, place: string, moment: number): number | undefined {
  for (let at = moment; at > 0; at--) {
    const found = answerAt(run, at, `pa(${place})`);
    if (typeof found === 'number' || typeof found === 'bigint') return Number(found);
  }
  return undefined;
}

/**
 * The first key of `state` that does not hold for the page that was at `place`, at a moment: `returned_to_allocator` and
 * `granule N`.
 */
export function pageDifference(
  run: Run,
  place: string,
  moment: number,
  state: Readonly<Record<string, unknown>>,
): { readonly what: string; readonly expected: string; readonly actual: string } | undefined {
  const { now } = run;
  const address = addressOf(run, place, moment);
  const holds = (view: string, offset: number, word: string) =>
    address !== undefined && answerAt(run, moment, `${view}(pa(${number(address + offset)})) is ${word}`) === true;
  const wrong = Object.entries(state).flatMap(([key, wanted]) => {
    const [, granule] = /^granule (\d+)$/.exec(key) ?? [];
    if (granule !== undefined) {
      if (holds('granule', Number(granule) * GRANULE, String(wanted))) return [];
      return [{ what: key, expected: String(wanted), actual: 'another state' }];
    }
    if (key !== 'returned_to_allocator') return [{ what: `no view for state ${key}`, expected: '', actual: '' }];
    const isFree = holds('page_owner', 0, 'free');
    return address !== undefined && isFree === wanted
      ? []
      : [{ what: key, expected: String(wanted), actual: address === undefined ? 'no address' : String(isFree) }];
  });
  run.seek(now);
  return wrong[0];
}
