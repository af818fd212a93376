// A page of reference: sections that are printed as text in a terminal and as Markdown in a file.

export type Section =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly heading: string; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly heading: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'code'; readonly heading: string; readonly code: string };

export interface Page {
  readonly title: string;
  readonly sections: readonly Section[];
}

/** For a terminal: columns are aligned, code and lists are indented. */
export function pageText({ title, sections }: Page): string {
  return `${[title, ...sections.map(sectionText)].join('\n\n')}\n`;
}

function sectionText(section: Section): string {
  switch (section.kind) {
    case 'text':
      return section.text;
    case 'list':
      return [`${section.heading}:`, ...section.items.map((item) => `  ${item}`)].join('\n');
    case 'table':
      return [`${section.heading}:`, ...aligned(section.rows).map((row) => `  ${row}`)].join('\n');
    case 'code':
      return [`${section.heading}:`, ...section.code.split('\n').map((line) => `  ${line}`)].join('\n');
  }
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** For a file; `level` is that of the page's own heading. */
export function pageMarkdown({ title, sections }: Page, level = 2): string {
  return `${['#'.repeat(level) + ' '.concat(title), ...sections.map(sectionMarkdown)].join('\n\n')}\n`;
}

function sectionMarkdown(section: Section): string {
  switch (section.kind) {
    case 'text':
      return section.text;
    case 'list':
      return [`${section.heading}:`, '', ...section.items.map((item) => `- ${item}`)].join('\n');
    case 'table':
      return [
        `${section.heading}:`,
        '',
        tableRow(section.columns),
        tableRow(section.columns.map(() => '---')),
        ...section.rows.map(tableRow),
      ].join('\n');
    case 'code':
      return `${section.heading}:\n\n\`\`\`\n${section.code}\n\`\`\``;
  }
}

const tableRow = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
