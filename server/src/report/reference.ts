// The reference: one page for each operation, view, code, result and condition, made from their definitions.
import {
  GUEST_OPERATIONS,
  nearest,
  OPERATIONS,
  type Operation,
  type Parameter,
  typeText,
  VIEWS,
  type View,
} from '../emulator/index.ts';
import { CODES, type CodePage, FAMILIES } from './codes.ts';
import { type Page, pageMarkdown, type Section } from './page.ts';

/** The page of a name, or the names nearest to it. */
export function explain(name: string): Page | { readonly near: readonly string[] } {
  const [operation, ...more] = [OPERATIONS.get(name), GUEST_OPERATIONS.get(name)].flatMap((found) => found ?? []);
  if (operation) return [operation, ...more].map(operationPage).reduce(joined);
  const view = VIEWS.get(name);
  if (view) return viewPage(view);
  const code = CODES.get(name.toUpperCase());
  if (code) return codePage(name.toUpperCase(), code);
  return resultPage(name) ?? conditionPage(name) ?? { near: nearest(name, names()) };
}

/** What the host may call, and what a realm does below an entry. */
const ALL: readonly Operation[] = [...OPERATIONS.values(), ...GUEST_OPERATIONS.values()];

/** Two operations of one name: the host's, and the realm's. */
const joined = (first: Page, second: Page): Page => ({
  title: first.title,
  sections: [...first.sections, { kind: 'text', text: `${second.title}:` }, ...second.sections],
});

/** Everything that has a page. */
function* names(): Iterable<string> {
  for (const { name } of ALL) yield name;
  yield* VIEWS.keys();
  yield* CODES.keys();
  for (const { results, checks } of ALL) {
    yield* results;
    for (const { id } of checks) yield id;
  }
}

export function operationPage(operation: Operation): Page {
  const { name, summary, params, outputs, checks, effects, differences, results } = operation;
  const list = (heading: string, items: readonly string[]): Section[] =>
    items.length > 0 ? [{ kind: 'list', heading, items }] : [];
  const table = (heading: string, columns: readonly string[], rows: readonly (readonly string[])[]): Section[] =>
    rows.length > 0 ? [{ kind: 'table', heading, columns, rows }] : [];
  return {
    title: signature(name, params),
    sections: [
      { kind: 'text', text: `${summary} By the ${operation.actor}; ${operation.reference}.` },
      ...table('Parameters', ['name', 'type', 'meaning'], params.map(parameterRow)),
      ...params.flatMap(structureTable),
      ...table(
        'Outputs',
        ['name', 'valid', 'meaning'],
        outputs.map((output) => [output.name, output.valid === 'always' ? 'always' : 'on success', output.text]),
      ),
      ...table(
        'Conditions, in the order they are tested',
        ['condition', 'what must hold', 'else'],
        checks.map((check) => [
          check.id,
          check.text + (check.only === undefined ? '' : ` (${check.only} only)`),
          check.statusText,
        ]),
      ),
      ...list('Effects when all hold', effects),
      ...list('Results', [results.join(', ')]),
      ...list('Where models differ', differences),
    ],
  };
}

const signature = (name: string, params: readonly Parameter[]) =>
  `${name}(${params.map((param) => (param.optional ? `[${param.name}]` : param.name)).join(', ')})`;

function parameterRow({ name, type, text, flags }: Parameter): string[] {
  const values = flags ? `: ${Object.keys(flags).join(', ')}` : '';
  return [name, typeText(type), text + values];
}

function structureTable({ structure, name }: Parameter): Section[] {
  if (!structure) return [];
  const rows = Object.entries(structure.fields).map(([field, { offset, text, initial, flags }]) => {
    const values = flags ? `: ${Object.keys(flags).join(', ')}` : '';
    return [field, `0x${offset.toString(16)}`, text + values, initial === undefined ? '0' : String(initial)];
  });
  const heading = `${structure.name}, written {field: value, …} as ${name}`;
  return [{ kind: 'table', heading, columns: ['field', 'offset', 'meaning', 'if left out'], rows }];
}

export function viewPage(view: View): Page {
  const forms = [view, ...(view.overloads ?? [])];
  return { title: view.name, sections: forms.flatMap(formSections) };
}

function formSections({ name, summary, reference, params, states, absent }: View): Section[] {
  const argumentsOf: Section[] =
    params.length > 0
      ? [
          {
            kind: 'table',
            heading: signature(name, params),
            columns: ['name', 'type', 'meaning'],
            rows: params.map(parameterRow),
          },
        ]
      : [];
  return [
    { kind: 'text', text: `${summary} ${reference}.` },
    ...argumentsOf,
    ...(states.length > 0 ? [{ kind: 'list' as const, heading: 'States', items: [states.join(', ')] }] : []),
    { kind: 'text', text: `There is no answer where ${absent}.` },
  ];
}

export function codePage(code: string, { title, meaning, example, mended, fix }: CodePage): Page {
  const isText = !example.startsWith('(');
  return {
    title: `${code}: ${title}`,
    sections: [
      { kind: 'text', text: FAMILIES[code.slice(0, 4)] + (isTitle(meaning, title) ? '.' : `. ${meaning}`) },
      ...(isText ? [{ kind: 'code' as const, heading: 'Example', code: example }] : []),
      { kind: 'text', text: `How to mend it: ${fix}` },
      ...(isText ? [{ kind: 'code' as const, heading: 'Mended', code: mended }] : []),
    ],
  };
}

/** A syntax error's title says all. */
const isTitle = (meaning: string, title: string) => meaning.toLowerCase() === `${title.toLowerCase()}.`;

/** What may return a result: `RMI_ERROR_RTT`. */
function resultPage(name: string): Page | undefined {
  const rows = ALL.flatMap((operation) => {
    if (!operation.results.includes(name)) return [];
    const causes = operation.checks.filter(({ statusText }) => statusText.replace(/\(.*/, '') === name);
    return [[operation.name, causes.map(({ id, statusText }) => id + statusText.slice(name.length)).join(', ')]];
  });
  if (rows.length === 0) return undefined;
  return {
    title: name,
    sections: [
      {
        kind: 'table',
        heading: 'Returned by, and the conditions that lead to it',
        columns: ['operation', 'conditions'],
        rows,
      },
    ],
  };
}

/** Where a condition is tested: `rtt_walk`. */
function conditionPage(id: string): Page | undefined {
  const rows = ALL.flatMap(({ name, checks }) =>
    checks.filter((check) => check.id === id).map(({ text, statusText }) => [name, text, statusText]),
  );
  if (rows.length === 0) return undefined;
  const columns = ['operation', 'what must hold', 'else'];
  return { title: id, sections: [{ kind: 'table', heading: 'Tested by', columns, rows }] };
}

const document = (title: string, intro: string, pages: readonly Page[]) =>
  `<!-- Made by \`npm run generate\` from the definitions; do not edit. -->\n\n# ${title}\n\n${intro}\n\n${pages.map((page) => pageMarkdown(page)).join('\n')}`;

/** The generated pages of `docs/`, by their path in the repository. */
export function referenceFiles(): ReadonlyMap<string, string> {
  return new Map([
    [
      'docs/operations.md',
      document(
        'Operations',
        'What a scenario may call, with every condition in the order it is tested. `cocoscn explain NAME` prints one page.',
        [...OPERATIONS.values()].map(operationPage),
      ),
    ],
    [
      'docs/realm-operations.md',
      document(
        'What a realm does',
        'The `<` lines below RMI_REC_ENTER, with every condition in the order it is tested. `cocoscn explain NAME` prints one page.',
        [...GUEST_OPERATIONS.values()].map(operationPage),
      ),
    ],
    [
      'docs/views.md',
      document(
        'Views',
        'What `expect` may ask of the machine. Looking changes nothing.',
        [...VIEWS.values()].map(viewPage),
      ),
    ],
    [
      'docs/codes.md',
      document(
        'Codes',
        'What each code means and how to mend it. `cocoscn explain CCS301` prints one page.',
        [...CODES].map(([code, page]) => codePage(code, page)),
      ),
    ],
  ]);
}
