// Strips: every memory object as a row of its pages, the touched ones ringed and flagged, the states named below.
// biome-ignore-all lint/a11y/useSemanticElements: cells are laid out by address and the keys of keys.ts move among them; table elements could do neither
// biome-ignore-all lint/a11y/useFocusableInteractive: cells are laid out by address and the keys of keys.ts move among them; table elements could do neither
// biome-ignore-all lint/a11y/useKeyWithClickEvents: cells are laid out by address and the keys of keys.ts move among them; table elements could do neither
import { Fragment } from 'preact';
import type { Family, Moment, Place } from '../../../server/src/features/panel-model.ts';
import { contextOf } from '../common/context.ts';
import { FamilyGlyph, MarkGlyph } from '../common/glyphs.tsx';
import { bytes, grouped } from '../common/place.ts';
import type { Controller } from './controller.ts';
import { bracketsSuffice, FolioBrackets, FolioLines } from './folios.tsx';
import { everywhere } from './state.ts';
import {
  type Cell,
  type DrawnStrip,
  type Group,
  groupName,
  groups,
  layOut,
  type NameSpot,
  nameSpots,
} from './strip-layout.ts';

/** From this width of the panel on, in pixels, 16 cells of 22 pixels stand beside each other. */
const WIDE = 390;
/** Beyond so many groups of a folded strip their names would drown it; the table of runs has them. */
const NAMED = 8;

interface Props {
  readonly panel: Controller;
  readonly moment: Moment;
  readonly selected: Place | undefined;
  /** Width of the panel in pixels. */
  readonly width: number;
}

interface CellProps {
  readonly panel: Controller;
  readonly tabStop: Cell | undefined;
}

export function Strips({ panel, moment, selected, width }: Props) {
  const strips = layOut(moment.strips, everywhere(panel.state, selected));
  const all = strips.flatMap(({ cells }) => cells);
  const tabStop = all.find((cell) => cell.selected) ?? all[0];
  const { family } = panel.state;
  return (
    <section class={family ? 'strips filtered' : 'strips'} aria-label="Memory" data-region="strips">
      {strips.map((drawn, index) => (
        <StripView key={index} drawn={drawn} panel={panel} tabStop={tabStop} width={width} />
      ))}
    </section>
  );
}

function StripView(props: CellProps & { readonly drawn: DrawnStrip; readonly width: number }) {
  const { drawn } = props;
  const { title, object, about } = drawn.strip;
  return (
    <div class={`strip ${drawn.form}`}>
      <h2>
        {title || object}
        {about ? <span class="about">{about}</span> : null}
      </h2>
      <div role="grid" aria-label={title || object} class="grid">
        {drawn.form === 'cells' ? <Pages {...props} /> : <Runs {...props} />}
      </div>
      {needsLines(drawn, props.width) ? <FolioLines strip={drawn.strip} /> : null}
      {drawn.left > 0 ? <p class="quiet">and {grouped(drawn.left)} more, in the runs below</p> : null}
    </div>
  );
}

/** Cells beside each other, and the characters that fit above or below one. */
function room(width: number) {
  const columns = width >= WIDE ? 16 : 8;
  return { columns, characters: (width - 32) / columns / 6.9 };
}

function needsLines({ form, strip }: DrawnStrip, width: number): boolean {
  const { columns, characters } = room(width);
  return form !== 'cells' || !bracketsSuffice(strip, columns, characters);
}

/** A page a cell. A cell's column is its address, so that no step moves it. */
function Pages({ drawn, panel, tabStop, width }: CellProps & { readonly drawn: DrawnStrip; readonly width: number }) {
  const { columns, characters } = room(width);
  const rows = Array.from({ length: Math.ceil(drawn.cells.length / columns) }, (_, index) =>
    drawn.cells.slice(index * columns, (index + 1) * columns),
  );
  const grid = { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` };
  const every = characters >= 4.5 ? 1 : 2;
  return rows.map((row, index) => {
    const byState = groups(row);
    const spots = nameSpots(byState, columns, characters);
    return (
      <Fragment key={index}>
        {drawn.strip.folios?.length ? (
          <div class="brackets" aria-hidden="true" style={grid}>
            <FolioBrackets strip={drawn.strip} first={index * columns} columns={row.length} characters={characters} />
          </div>
        ) : null}
        <div class="pages" role="row" style={grid}>
          {row.map((_, column) =>
            column % every === 0 ? (
              <span class="offset" aria-hidden="true" style={{ gridColumn: column + 1 }} key={`o${column}`}>
                {bytes((index * columns + column) * drawn.strip.unit)}
              </span>
            ) : null,
          )}
          {row.map((cell, column) => (
            <CellView cell={cell} panel={panel} tabStop={cell === tabStop} key={column} />
          ))}
          {byState.map((group, at) => (
            <StateName group={group} spot={spots[at]} key={`n${at}`} />
          ))}
        </div>
      </Fragment>
    );
  });
}

function StateName({ group, spot }: { readonly group: Group; readonly spot: NameSpot | undefined }) {
  if (!spot) return null;
  const own = { gridColumn: `${group.start + 1} / span ${group.cells.length}` };
  const form = spot.line === 0 ? '' : spot.from === group.start ? 'lowered' : 'lowered ends';
  return (
    <>
      <span class="bracket" aria-hidden="true" style={own} />
      {spot.line > 0 ? (
        <span class={`leader ${form}`} aria-hidden="true" style={{ ...own, gridRow: `4 / span ${spot.line}` }} />
      ) : null}
      <span
        class={`name ${form}`}
        aria-hidden="true"
        style={{ gridColumn: `${spot.from + 1} / ${spot.to + 1}`, gridRow: 4 + spot.line }}
      >
        {groupName(group)}
      </span>
    </>
  );
}

/** A run a cell, with its name beside it. */
function Runs({ drawn, panel, tabStop }: CellProps & { readonly drawn: DrawnStrip }) {
  const byState = groups(drawn.cells);
  const views = (cells: readonly Cell[]) =>
    cells.map((cell, at) => <CellView cell={cell} panel={panel} tabStop={cell === tabStop} key={at} />);
  if (byState.length > NAMED) {
    return (
      <div class="folds bare" role="row">
        {views(drawn.cells)}
      </div>
    );
  }
  return (
    <div class="folds" role="row">
      {byState.map((group, index) => (
        <span class="fold" role="presentation" key={index}>
          {views(group.cells)}
          <span class="name" aria-hidden="true">
            {group.state.text}
          </span>
        </span>
      ))}
    </div>
  );
}

function CellView({ cell, panel, tabStop }: CellViewProps) {
  const { state, mark, count, selected } = cell;
  const family: Family = state.family ?? 'host';
  const classes = ['cell', family, mark ? 'touched' : '', selected ? 'selected' : ''];
  if (panel.state.family && panel.state.family !== family && !mark && !selected) classes.push('other');
  const label = spelled(cell);
  return (
    <div
      role="gridcell"
      class={classes.filter(Boolean).join(' ')}
      data-item="select"
      data-copy={label}
      aria-label={label}
      aria-selected={selected}
      title={label}
      tabIndex={tabStop ? 0 : -1}
      onClick={() => panel.select(cell.place)}
      {...contextOf(cell.place)}
      onDblClick={() => panel.reveal(true)}
    >
      {count > 1 ? `×${grouped(count)}` : <FamilyGlyph family={family} />}
      {mark ? (
        <span class="flag">
          <MarkGlyph mark={mark} />
        </span>
      ) : null}
    </div>
  );
}

interface CellViewProps {
  readonly cell: Cell;
  readonly panel: Controller;
  readonly tabStop: boolean;
}

function spelled({ name, state, detail, mark, count }: Cell): string {
  const touched = mark === 'changed' ? 'changed by this step' : mark === 'refused' ? 'refused by this step' : '';
  const pages = count > 1 ? `${grouped(count)} pages` : '';
  return [name, pages, state.text, detail ?? '', touched].filter((part) => part !== '').join(', ');
}
