// The Translation tables panel: the realm's tables as a picture, the chosen IPA taken apart, and the tree of entries.
import type { RealmTables, Tables } from '../../../server/src/features/tables-model.ts';
import { counted } from '../common/place.ts';
import { Shell } from '../common/shell.tsx';
import { AddressView } from './address.tsx';
import type { Controller } from './controller.ts';
import { ALL_KEYS, COMMON_KEYS, keysOf } from './keys.ts';
import { LevelsView } from './levels.tsx';
import { keyOf } from './state.ts';
import { TreeView } from './tree.tsx';

export function App({ panel }: { readonly panel: Controller }) {
  return (
    <Shell panel={panel} keys={keysOf} commonKeys={COMMON_KEYS} allKeys={ALL_KEYS} state={() => panel.state}>
      {(_moment, width) => <Parts panel={panel} tables={panel.state.tables} width={width} />}
    </Shell>
  );
}

interface Props {
  readonly panel: Controller;
  readonly tables: Tables | undefined;
  readonly width: number;
}

function Parts({ panel, tables, width }: Props) {
  if (!tables) return null;
  const { chosen } = tables;
  if (!chosen) {
    return (
      <section class="tables-box">
        <h2>Translation tables</h2>
        <p class="quiet">There is no realm at this step: a realm has tables from RMI_REALM_CREATE on.</p>
      </section>
    );
  }
  const entry = keyOf(panel.state, chosen);
  return (
    <>
      <section class="tables-box" aria-label={`Translation tables of ${chosen.name}`} data-region="levels">
        <Title panel={panel} tables={tables} chosen={chosen} />
        <LevelsView panel={panel} chosen={chosen} entry={entry} />
      </section>
      <AddressView panel={panel} chosen={chosen} />
      <TreeView panel={panel} chosen={chosen} entry={entry} width={width} />
    </>
  );
}

function Title({
  panel,
  tables,
  chosen,
}: {
  readonly panel: Controller;
  readonly tables: Tables;
  readonly chosen: RealmTables;
}) {
  const { realms } = tables;
  return (
    <h2>
      {realms.length > 1 ? (
        <label>
          Translation tables of{' '}
          <select
            class="chooser"
            value={String(chosen.realm)}
            onChange={(event) => panel.chooseRealm(Number(event.currentTarget.value))}
          >
            {realms.map(({ at, text, state }) => (
              <option value={String(at)} key={at}>
                {text}, {state}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span>Translation tables of {chosen.name}</span>
      )}
      <span class="quiet">{chosen.shape}</span>
      <span class="end">{counted(chosen.granules, 'RTT granule')}</span>
    </h2>
  );
}
