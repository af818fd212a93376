// The folios behind a strip: a bracket over the cells where its words find room, else a line below them.
import type { Folios, Strip } from '../../../server/src/features/panel-model.ts';
import { bytes, grouped } from '../common/place.ts';

/** `pfn 0x9_0002, 4K folio, refcount 2 (page cache 1, mapped 1), pins 0, locked`. */
function words({ pfn, size, refcount, pins, flags }: Folios): string {
  return [pfn, size, refcount, `pins ${pins}`, ...flags].join(', ');
}

function Words({ folios }: { readonly folios: Folios }) {
  const { pfn, size, refcount, pins, flags } = folios;
  return (
    <>
      <code>{pfn}</code> <span>{size}</span> <span>{refcount}</span>{' '}
      <span class={pins > 0 ? 'held' : ''}>pins {pins}</span>
      {flags.map((flag) => (
        <span class="held" key={flag}>
          {flag}
        </span>
      ))}
    </>
  );
}

/** One bracket over a row of pages: `columns` of them from `first` on, if its words fit into `characters` a column. */
export function FolioBrackets(props: {
  readonly strip: Strip;
  readonly first: number;
  readonly columns: number;
  readonly characters: number;
}) {
  const { strip, first, columns, characters } = props;
  return (strip.folios ?? []).map((folios) => {
    const begin = Math.max(folios.at / strip.unit - first, 0);
    const end = Math.min(folios.at / strip.unit + folios.count - first, columns);
    if (end <= begin) return null;
    const fits = words(folios).length <= (end - begin) * characters;
    const goesOn = folios.at / strip.unit < first;
    return (
      <span class="folio" style={{ gridColumn: `${begin + 1} / ${end + 1}` }} title={words(folios)} key={folios.at}>
        {fits && !goesOn ? <Words folios={folios} /> : null}
      </span>
    );
  });
}

/** All folios as lines, for what no bracket has room for. */
export function FolioLines({ strip }: { readonly strip: Strip }) {
  const { folios = [], moreFolios = 0, unit, object } = strip;
  if (folios.length === 0) return null;
  return (
    <ul class="folios" aria-label={`Folios of ${object}`}>
      {folios.map((one) => (
        <li key={one.at}>
          <code>{placeText(object, one, unit)}</code> <Words folios={one} />
        </li>
      ))}
      {moreFolios > 0 ? (
        <li class="quiet">and {grouped(moreFolios)} more groups of folios, in the runs below</li>
      ) : null}
    </ul>
  );
}

const placeText = (object: string, { at, count }: Folios, unit: number): string =>
  count === 1 ? `${object}[${bytes(at)}]` : `${object}[${bytes(at)} .. ${bytes(at + count * unit)}]`;

/** Whether each folio's words stand in a bracket over a row of `columns` cells. */
export function bracketsSuffice(
  { folios = [], unit, moreFolios = 0 }: Strip,
  columns: number,
  characters: number,
): boolean {
  if (moreFolios > 0) return false;
  return folios.every((one) => {
    const first = one.at / unit;
    const inRow = Math.min(one.count, columns - (first % columns));
    return words(one).length <= inRow * characters;
  });
}
