// The tables as a picture: a row a level, not to scale, a wedge from each TABLE of the walk to the row below it.
import { Fragment } from 'preact';
import type { Level, LevelCell, RealmTables } from '../../../server/src/features/tables-model.ts';
import { contextOf } from '../common/context.ts';
import { FamilyGlyph, MarkGlyph } from '../common/glyphs.tsx';
import { hex } from '../common/place.ts';
import type { Controller } from './controller.ts';
import type { EntryKey } from './state.ts';

interface Props {
  readonly panel: Controller;
  readonly chosen: RealmTables;
  readonly entry: EntryKey;
}

export function LevelsView({ panel, chosen, entry }: Props) {
  const cells = chosen.levels.flatMap(({ cells }) => cells.filter(({ walk }) => walk));
  const tabStop = cells.at(-1);
  return (
    <div class="levels">
      <Halves chosen={chosen} />
      {chosen.levels.map((level, index) => (
        <LevelRow
          key={level.level}
          panel={panel}
          level={level}
          above={chosen.levels[index - 1]}
          entry={entry}
          tabStop={tabStop}
        />
      ))}
    </div>
  );
}

/** The rule above the first level: solid over the protected half, dotted over the unprotected one. */
function Halves({ chosen }: { readonly chosen: RealmTables }) {
  const cells = chosen.levels[0]?.cells ?? [];
  const share = (half: string) =>
    cells.filter((cell) => cell.half === half).reduce((sum, { weight }) => sum + weight, 0);
  const columns = chosen.halves.map(({ half }) => `minmax(0, ${share(half)}fr)`).join(' ');
  return (
    <div class="halves" style={{ gridTemplateColumns: columns }}>
      {chosen.halves.map(({ half, text }) => (
        <div class={`half ${half}`} key={half} title={`${half} half, ${text}`}>
          <b>{half}</b> <span class="quiet">{text}</span>
        </div>
      ))}
    </div>
  );
}

interface RowProps {
  readonly panel: Controller;
  readonly level: Level;
  readonly above: Level | undefined;
  readonly entry: EntryKey;
  readonly tabStop: LevelCell | undefined;
}

function LevelRow({ panel, level, above, entry, tabStop }: RowProps) {
  const { table, cells, why } = level;
  const columns = cells.map(({ weight }) => `minmax(0, ${weight}fr)`).join(' ');
  return (
    <>
      {above ? <Wedge cells={table ? above.cells : []} /> : null}
      <div class="level-name">
        <b>L{level.level}</b>
        <span>{level.unit} each</span>
        {table ? <span>live {table.live}</span> : null}
      </div>
      {table ? (
        <div class="entries" style={{ gridTemplateColumns: columns }}>
          {cells.map((cell) => (
            <CellView
              key={cell.first}
              panel={panel}
              cell={cell}
              level={level.level}
              entry={entry}
              tabStop={cell === tabStop}
            />
          ))}
        </div>
      ) : (
        <p class="no-table quiet">{why}</p>
      )}
    </>
  );
}

/** From the TABLE entry on the walk to the whole width of its table. */
function Wedge({ cells }: { readonly cells: readonly LevelCell[] }) {
  const total = cells.reduce((sum, { weight }) => sum + weight, 0);
  const before = cells.slice(
    0,
    cells.findIndex(({ walk }) => walk),
  );
  const left = (100 * before.reduce((sum, { weight }) => sum + weight, 0)) / total;
  const right = left + (100 * (cells[before.length]?.weight ?? 0)) / total;
  return (
    <svg class="wedge firmware" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {cells.length > 0 ? <path d={`M${left} 0H${right}L100 10H0z`} /> : null}
    </svg>
  );
}

interface CellProps {
  readonly panel: Controller;
  readonly cell: LevelCell;
  readonly level: number;
  readonly entry: EntryKey;
  readonly tabStop: boolean;
}

function CellView({ panel, cell, level, entry, tabStop }: CellProps) {
  const { state, walk, mark } = cell;
  const selected = walk && entry.level === level;
  const classes = [
    'cell',
    state.family ?? 'several',
    walk ? 'walk' : '',
    selected ? 'selected' : '',
    mark ? 'touched' : '',
  ];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(' ')}
      data-item="focus"
      data-copy={cell.label}
      aria-label={cell.label}
      aria-current={walk ? 'step' : undefined}
      title={`${cell.label}\n${hex(cell.ipa)}`}
      tabIndex={tabStop ? 0 : -1}
      onClick={() => panel.walkTo({ level, ipa: cell.ipa })}
      {...contextOf(panel.pageAt({ level, ipa: cell.ipa }))}
      onDblClick={() => panel.reveal(true)}
    >
      <span class="index">
        <Breakable text={cell.index} />
      </span>
      <span class="state">
        {state.family ? <FamilyGlyph family={state.family} /> : null}
        <span class="name">
          <Breakable text={state.text} />
        </span>
      </span>
      <span class="note">{cell.note}</span>
      {mark ? (
        <span class="flag">
          <MarkGlyph mark={mark} />
        </span>
      ) : null}
    </button>
  );
}

/** A text that may go to a second line where a word ends: `UNASSIGNED_` `NS`, `512..` `1023`. */
function Breakable({ text }: { readonly text: string }) {
  return text.split(/(?<=_|\.\.)/).map((word, index) => (
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {word}
    </Fragment>
  ));
}
