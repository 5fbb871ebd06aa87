/**
 * Values as text that people review as a diff: on one line while that is short, else one field or element a line.
 */

const WIDTH = 170;

/** Text of a normalised value; continuation lines are indented. */
export function render(value: unknown, indent = ''): string {
  const flat = renderFlat(value);
  if (flat.length + indent.length <= WIDTH || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((item) => `${inner}${render(item, inner)}\n`).join('')}${indent}]`;
  const fields = Object.entries(value).map(([name, field]) => `${inner}${name}: ${render(field, inner)}\n`);
  return `{\n${fields.join('')}${indent}}`;
}

function renderFlat(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(renderFlat).join(', ')}]`;
  if (value instanceof Placeholder) return value.text;
  return `{ ${Object.entries(value)
    .map(([name, field]) => `${name}: ${renderFlat(field)}`)
    .join(', ')} }`;
}

/** Stands for a value that is another one each time. */
export class Placeholder {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
