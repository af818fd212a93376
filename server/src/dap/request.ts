// Arguments of requests, which may be anything: read with a check, and refused in a sentence.

/** What a client did wrong; the message becomes the error response. */
export class BadRequest extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/** The arguments of a request, an empty object where it has none. */
export function fieldsOf(args: unknown, name = 'its arguments'): Fields {
  if (args === undefined || args === null) return {};
  if (typeof args !== 'object' || Array.isArray(args)) throw new BadRequest(`${name} must be an object`);
  return args as Fields;
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new BadRequest(`${name} must be a text`);
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : text(fields, name);
}

/** A whole number from 0 on. */
export function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new BadRequest(`${name} must be a number`);
  return value;
}

export const optionalNumber = (fields: Fields, name: string): number | undefined =>
  fields[name] === undefined ? undefined : number(fields, name);

/** A list of objects. */
export function objects(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw new BadRequest(`${name} must be a list`);
  return value.map((one) => fieldsOf(one, `each of ${name}`));
}

export function texts(fields: Fields, name: string): readonly string[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    throw new BadRequest(`${name} must be a list of texts`);
  return value;
}
