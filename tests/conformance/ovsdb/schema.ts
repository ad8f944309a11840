// A schema with columns of every sort, for random transactions.

import type { Json } from "@patchcord/core/ovsproto/json.ts";
import type { Base, Type } from "./random-values.ts";

/** A column's type in short: `integer`, `integer?`, `integer*`, `string=integer*`, `@Table` for references, `~Table` for weak ones. */
function typeOf(text: string): Record<string, Json> {
  const [, body = "", count = ""] = /^(.*?)([?*+]|\{\d,\d\})?$/.exec(text) ?? [];
  const [key = "", value] = body.split("=");
  const [min, max] =
    count === "?"
      ? [0, 1]
      : count === "*"
        ? [0, "unlimited"]
        : count === "+"
          ? [1, "unlimited"]
          : range(count);
  return { key: baseOf(key), ...(value === undefined ? {} : { value: baseOf(value) }), min, max };
}

function range(count: string): [number, number] {
  const [, min = "1", max = "1"] = /^\{(\d),(\d)\}$/.exec(count) ?? [];
  return [Number(min), Number(max)];
}

function baseOf(text: string): Record<string, Json> {
  if (text.startsWith("@")) return { type: "uuid", refTable: text.slice(1) };
  if (text.startsWith("~")) return { type: "uuid", refTable: text.slice(1), refType: "weak" };
  const [type = "", ...more] = text.split(" ");
  const constraint = more.join(" ");
  return { type, ...(constraint === "" ? {} : (JSON.parse(constraint) as Record<string, Json>)) };
}

const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  scalars: {
    i: "integer",
    r: "real",
    b: "boolean",
    s: "string",
    u: "uuid",
    ir: 'integer {"minInteger":0,"maxInteger":10}',
    il: 'integer {"minInteger":-5}',
    ih: 'integer {"maxInteger":100}',
    rr: 'real {"minReal":-1.5,"maxReal":10.25}',
    se: 'string {"enum":["set",["","a","ab","abc"]]}',
    ie: 'integer {"enum":["set",[0,1,2,3,5]]}',
    sl: 'string {"maxLength":4}',
    fixed: "integer",
    passing: "string",
  },
  sets: {
    oi: "integer?",
    or: "real?",
    ob: "boolean?",
    os: "string?",
    ou: "uuid?",
    is: "integer*",
    rs: "real*",
    bs: "boolean{0,2}",
    ss: "string+",
    us: "uuid*",
    i3: 'integer {"minInteger":0,"maxInteger":8}{1,3}',
    oe: 'string {"enum":["set",["a","ab"]]}?',
    es: 'integer {"enum":["set",[1,2,3]]}*',
    sm: 'string {"minLength":1}*',
  },
  maps: {
    ss: "string=string*",
    is: "integer=string*",
    si: "string=integer*",
    su: "string=uuid*",
    rb: "real=boolean*",
    m3: "string=integer{0,3}",
    m1: "string=string{0,1}",
    me: 'string=string {"enum":["set",["a","ab"]]}*',
    mr: 'integer {"minInteger":0,"maxInteger":8}=real {"minReal":0}*',
  },
  indexed: { a: "integer", b: "string", c: "integer*", d: "string" },
  few: { name: "string", n: "integer" },
  parent: {
    name: "string",
    children: "@child*",
    first: "@child?",
    named: "string=@child*",
    weak: "~child*",
    weakone: "~child?",
    needs: "~few{0,2}",
    both: "~child=@child*",
    self: "@parent?",
  },
  child: { name: "string", grand: "@grand?", others: "~grand*" },
  grand: { name: "string", back: "@child?" },
  bound: { name: "string", must: "@child", soft: "~few" },
  clingy: { name: "string", weak: "~few+" },
};

const EXTRAS: Readonly<Record<string, Record<string, Json>>> = {
  indexed: { indexes: [["a"], ["b", "c"], ["b", "d", "a"]] },
  few: { maxRows: 4 },
};
const NO_ROOTS = new Set(["child", "grand"]);

export const schema: Json = {
  name: "everything",
  version: "1.2.3",
  cksum: "1 2",
  tables: Object.fromEntries(
    Object.entries(TABLES).map(([name, columns]) => [
      name,
      {
        columns: Object.fromEntries(
          Object.entries(columns).map(([column, type]) => [
            column,
            {
              type: typeOf(type),
              ...(column === "fixed" ? { mutable: false } : {}),
              ...(column === "passing" ? { ephemeral: true } : {}),
            },
          ]),
        ),
        ...(NO_ROOTS.has(name) ? {} : { isRoot: true }),
        ...EXTRAS[name],
      },
    ]),
  ),
};

function enumOf(base: Record<string, Json>): Base {
  const allowed = base["enum"] as readonly [string, readonly Json[]] | undefined;
  return { ...(base as unknown as Base), ...(allowed ? { enum: allowed[1] } : {}) };
}

/** Columns by table. */
export const columns: ReadonlyMap<string, ReadonlyMap<string, Type>> = new Map(
  Object.entries(TABLES).map(([name, own]) => [
    name,
    new Map(
      Object.entries(own).map(([column, text]) => {
        const type = typeOf(text);
        const value = type["value"] as Record<string, Json> | undefined;
        return [
          column,
          {
            key: enumOf(type["key"] as Record<string, Json>),
            ...(value ? { value: enumOf(value) } : {}),
            min: type["min"] as number,
            max: type["max"] === "unlimited" ? Infinity : (type["max"] as number),
          },
        ];
      }),
    ),
  ]),
);
