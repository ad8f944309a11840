/**
 * Tables of attributes. A table names the attributes of one nesting level, in the order in which the kernel emits
 * them; the same table decodes, encodes and gives the record's type. What a table does not name is kept in
 * `unknown` and written at the end, so that nothing is lost on the way through.
 *
 * When an attribute comes twice the last one counts, as in `nla_parse`; attributes declared `repeated` keep them all.
 */

import { type Decoded, Malformed } from "../wire/malformed.ts";
import type { AttributeCodec, FixedCodec } from "./attribute-codecs.ts";
import { AttributeReader, AttributeWriter, align4, type RawAttribute } from "./attributes.ts";

/** One attribute of a table. */
export interface Field<T> {
  readonly type: number;
  readonly codec: AttributeCodec<T>;
  readonly repeated: false;
}

/** An attribute that may come several times. Its value is the list of all. */
export interface RepeatedField<T> {
  readonly type: number;
  readonly codec: AttributeCodec<T>;
  readonly repeated: true;
}

export function field<T>(type: number, codec: AttributeCodec<T>): Field<T> {
  return { type, codec, repeated: false };
}

export function repeated<T>(type: number, codec: AttributeCodec<T>): RepeatedField<T> {
  return { type, codec, repeated: true };
}

/** What a table is made from: attributes by the names that they have in the record. */
export type AnyFields = Readonly<Record<string, Field<unknown> | RepeatedField<unknown>>>;

type FieldValue<F> = F extends Field<infer T> ? T : F extends RepeatedField<infer T> ? readonly T[] : never;

/** The record of a table: every attribute optional, plus those that the table does not name. */
export type Attributes<F> = { readonly [K in keyof F]?: FieldValue<F[K]> | undefined } & {
  readonly unknown?: readonly RawAttribute[] | undefined;
};

/** What `AttributeTable` holds, for a declaration: `Fields<typeof linkAttributes>`. */
export type Fields<T> = T extends AttributeTable<infer F> ? Attributes<F> : never;

export class AttributeTable<F extends AnyFields> implements AttributeCodec<Attributes<F>> {
  readonly typeFlags = 0;
  readonly fields: F;
  readonly #names: readonly string[];
  readonly #fields: readonly (Field<unknown> | RepeatedField<unknown>)[];
  /** Index into the two lists, by attribute type; -1 for those that are not read. */
  readonly #byType: readonly (number | undefined)[];

  /** `unread`: attributes that are passed over when a record is decoded. */
  constructor(fields: F, unread: readonly (keyof F)[] = []) {
    this.fields = fields;
    this.#names = Object.keys(fields);
    this.#fields = this.#names.map((name) => fields[name]!);
    const byType: (number | undefined)[] = [];
    this.#names.forEach((name, index) => (byType[fields[name]!.type] = unread.includes(name) ? -1 : index));
    this.#byType = byType;
  }

  /** The nest in the reader's current attribute. */
  read(reader: AttributeReader): Attributes<F> {
    const record: Record<string, unknown> = {};
    this.readInto(record, reader.nested());
    return record as Attributes<F>;
  }

  /** Every attribute of `reader`'s level, as members of `record`. */
  readInto(record: Record<string, unknown>, reader: AttributeReader): void {
    let unknown: RawAttribute[] | undefined;
    while (reader.next()) {
      const index = this.#byType[reader.type];
      if (index === undefined) {
        (unknown ??= []).push(reader.raw());
        continue;
      }
      if (index < 0) continue;
      const each = this.#fields[index]!; // #byType holds valid indexes only
      const name = this.#names[index]!;
      const value = each.codec.read(reader);
      if (!each.repeated) record[name] = value;
      else if (record[name] === undefined) record[name] = [value];
      else (record[name] as unknown[]).push(value);
    }
    if (unknown !== undefined) record["unknown"] = unknown;
  }

  write(writer: AttributeWriter, value: Attributes<F>): void {
    const record = value as Readonly<Record<string, unknown>>;
    for (let index = 0; index < this.#names.length; index++) {
      const member = record[this.#names[index]!];
      if (member === undefined) continue;
      const each = this.#fields[index]!;
      const type = each.type | each.codec.typeFlags;
      if (each.repeated) {
        for (const one of member as readonly unknown[]) {
          const begun = writer.begin(type);
          each.codec.write(writer, one);
          writer.end(begun);
        }
      } else {
        const begun = writer.begin(type);
        each.codec.write(writer, member);
        writer.end(begun);
      }
    }
    for (const raw of value.unknown ?? []) writer.raw(raw);
  }

  /** Attributes without a header in front, such as the data of a link kind. */
  encode(value: Attributes<F>): Uint8Array {
    const writer = new AttributeWriter();
    this.write(writer, value);
    return writer.finish();
  }

  decode(buf: Uint8Array, from = 0, to: number = buf.length): Decoded<Attributes<F>> {
    const reader = new AttributeReader(buf, from, to);
    const record: Record<string, unknown> = {};
    this.readInto(record, reader);
    return reader.error ?? (record as Attributes<F>);
  }
}

/** The body of a message of one family: a fixed structure, then attributes. */
export interface BodyCodec<R> {
  /** Members of the fixed structure that are left out are zero. */
  encode(record: Partial<R>): Uint8Array;
  /** `Malformed` offsets count from the start of the body. */
  decode(body: Uint8Array): Decoded<R>;
}

/** Combines the family's structure with its table. */
export function bodyCodec<H extends object, F extends AnyFields>(
  header: FixedCodec<H>,
  table: AttributeTable<F>,
  what: string,
): BodyCodec<H & Attributes<F>> {
  return {
    encode: (record) => encodeBody(header, table, record),
    decode: (body) => decodeBody(header, table, body, what),
  };
}

export function encodeBody<H extends object, F extends AnyFields>(
  header: FixedCodec<H>,
  table: AttributeTable<F>,
  record: Partial<H & Attributes<F>>,
): Uint8Array {
  const writer = new AttributeWriter(header.size);
  header.put(writer.buffer, 0, record as H); // struct codecs write missing members as zero
  table.write(writer, record as Attributes<F>);
  return writer.finish();
}

export function decodeBody<H extends object, F extends AnyFields>(
  header: FixedCodec<H>,
  table: AttributeTable<F>,
  body: Uint8Array,
  what: string,
): Decoded<H & Attributes<F>> {
  if (body.length < header.size) return new Malformed("truncated", 0, what);
  const record = header.get(body, 0) as Record<string, unknown>;
  const reader = new AttributeReader(body, align4(header.size));
  table.readInto(record, reader);
  return reader.error ?? (record as H & Attributes<F>);
}
