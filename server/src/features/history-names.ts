// What the page of a history is called, and by which other names it goes now.
import { hex } from '../emulator/index.ts';
import type { PageIndex } from './history-index.ts';
import { placesOf } from './moment-places.ts';
import type { Place } from './panel-model.ts';
import type { RunView } from './timeline-view.ts';

/** `gm[16K]`, `DATA + 4K`, or its address. */
export function titleOf({ names, pages }: RunView, page: Place, { at, life }: PageIndex): string {
  return life ? placesOf(pages(), names, 0, page).title : names.text(at, 'pa');
}

/** One line each: its frame, and the doors that lead to it. */
export function namesOf(view: RunView, page: Place, { at, life }: PageIndex): string[] {
  if (!life) return frameNames(view, at);
  const { frame, host, guest } = placesOf(view.pages(), view.names, 0, page);
  const told = frame.filter(([name]) => ['address', 'frame', 'folio', 'granule', 'GPT'].includes(name));
  const doors = [...host, ...guest].filter(({ wire }) => wire !== 'none');
  return [
    told.map(([name, value]) => `${name} ${value}`).join(', '),
    ...doors.map(({ title, text }) => `${title}: ${text}`),
  ];
}

function frameNames({ run, pages, names }: RunView, at: number): string[] {
  const { rmm, pages: memory } = run.machine;
  const mapping = pages().mappingOf(memory.row(at));
  const granule = `granule ${hex(at)}, GPT ${rmm.granules.gpt(at)}`;
  if (!mapping) return [granule, 'no IPA leads here now'];
  const { ipa, realm, level, index } = mapping;
  const half = 2 ** (rmm.realms.ipaWidth(rmm.granules.row(realm)) - 1);
  const other = ipa >= half ? ipa - half : ipa + half;
  const named = names.name(ipa, 'ipa');
  return [granule, `IPA ${hex(ipa)}${named ? ` (${named})` : ''}, alias ${hex(other)}, RTT L${level}[${index}]`];
}
