/**
 * Lays out cells as a Markdown table that also reads well in a terminal: padded columns, the first left-aligned, the others right-aligned.
 */

/** Lines of a table; the first row is the header. Missing cells are empty. */
export function renderGrid(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column > 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column > 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [header, ...body] = rows;
  return header === undefined ? [] : [line(header), rule, ...body.map(line)];
}

/** Code points, which for the characters used here is also the width in a terminal. */
const widthOf = (text: string): number => [...text].length;

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - widthOf(text));
  return right ? space + text : text + space;
}
