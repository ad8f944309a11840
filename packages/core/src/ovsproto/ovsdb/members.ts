// Takes the members of a JSON object one by one and refuses what is missing, of the wrong type or not expected, in the
// words of Open vSwitch.

import type { Json, JsonObject } from "../json.ts";
import { isArray, isInteger, isObject, memberOf } from "../json.ts";
import type { OvsdbError } from "./error.ts";
import { syntaxError } from "./error.ts";
import { nameOrder } from "./name-order.ts";

interface MemberTypes {
  string: string;
  /** A string that is an <id> of RFC 7047. */
  id: string;
  integer: number | bigint;
  number: number | bigint;
  boolean: boolean;
  array: readonly Json[];
  object: JsonObject;
  any: Json;
}

export function isId(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

function has(json: Json, type: keyof MemberTypes): boolean {
  switch (type) {
    case "string":
      return typeof json === "string";
    case "id":
      return typeof json === "string" && isId(json);
    case "integer":
      return isInteger(json);
    case "number":
      return typeof json === "number" || typeof json === "bigint";
    case "boolean":
      return typeof json === "boolean";
    case "array":
      return isArray(json);
    case "object":
      return isObject(json);
    case "any":
      return true;
  }
}

export class Members {
  readonly json: JsonObject;
  readonly #what: string;
  readonly #used: string[] = [];
  #failed: OvsdbError | undefined;

  /** `what` is named in errors: "Parsing `what` failed". */
  constructor(json: Json, what: string) {
    this.#what = what;
    if (!isObject(json)) throw syntaxError(undefined, `Parsing ${what} failed: Object expected.`);
    this.json = json;
  }

  /** What is wrong with the object as a whole. The first failure is the one that counts. */
  failure(message: string): OvsdbError {
    this.#failed ??= syntaxError(this.json, `Parsing ${this.#what} failed: ${message}`);
    return this.#failed;
  }

  required<T extends keyof MemberTypes>(name: string, ...types: readonly T[]): MemberTypes[T] {
    const value = this.optional(name, ...types);
    if (value === undefined) throw this.failure(`Required '${name}' member is missing.`);
    return value;
  }

  optional<T extends keyof MemberTypes>(name: string, ...types: readonly T[]): MemberTypes[T] | undefined {
    const value = memberOf(this.json, name);
    if (value === undefined) return undefined;
    for (const type of types) {
      if (!has(value, type)) continue;
      if (!this.#used.includes(name)) this.#used.push(name);
      return value as MemberTypes[T];
    }
    throw this.failure(`Type mismatch for member '${name}'.`);
  }

  /** Refuses members that nobody has asked for. */
  finish(): void {
    if (this.#failed) throw this.#failed;
    const names = Object.keys(this.json);
    if (names.length === this.#used.length) return;
    const unused = nameOrder(names).filter((name) => !this.#used.includes(name));
    const [first] = unused;
    if (first === undefined) return;
    const others = unused.length - 1;
    throw this.failure(
      others > 0
        ? `Member '${first}' and ${others} other member${others > 1 ? "s" : ""} are present but not allowed here.`
        : `Member '${first}' is present but not allowed here.`,
    );
  }
}
