// Shell variables: scalars, indexed and associative arrays with their attributes, in dynamic scopes (bash(1),
// PARAMETERS and FUNCTIONS). What computes itself (RANDOM, SECONDS, ...) is given from outside as a function.

import { ShellFault } from "./control.ts";

/** An indexed array: sparse, listed in ascending order. */
export class IndexedArray {
  readonly #items = new Map<number, string>();
  #sorted = true;
  #highest = -1;

  get size(): number {
    return this.#items.size;
  }
  /** One more than the highest index. */
  get end(): number {
    return this.#highest + 1;
  }
  get(index: number): string | undefined {
    return this.#items.get(index);
  }
  set(index: number, value: string): void {
    if (index < this.#highest && !this.#items.has(index)) this.#sorted = false;
    if (index > this.#highest) this.#highest = index;
    this.#items.set(index, value);
  }
  delete(index: number): void {
    this.#items.delete(index);
    if (index === this.#highest) this.#highest = Math.max(-1, ...this.#items.keys());
  }
  entries(): [number, string][] {
    const list = [...this.#items];
    return this.#sorted ? list : list.sort((a, b) => a[0] - b[0]);
  }
  keys(): number[] {
    return this.entries().map(([index]) => index);
  }
  values(): string[] {
    return this.entries().map(([, value]) => value);
  }
  copy(): IndexedArray {
    const copy = new IndexedArray();
    for (const [index, value] of this.entries()) copy.set(index, value);
    return copy;
  }
  static of(values: readonly string[]): IndexedArray {
    const array = new IndexedArray();
    values.forEach((value, index) => array.set(index, value));
    return array;
  }
}

export type AssociativeArray = Map<string, string>;

const BUCKETS = 1024;

export function associativeEntries(array: AssociativeArray): [string, string][] {
  return entriesByBucket(array, BUCKETS);
}

/** Entries in the order in which bash lists them: by bucket of its hash table (FNV-1), newest first within one. */
export function entriesByBucket<T>(table: ReadonlyMap<string, T>, buckets: number): [string, T][] {
  const entries = [...table].map((entry, age) => ({ entry, age, bucket: bucketOf(entry[0], buckets) }));
  entries.sort((a, b) => a.bucket - b.bucket || b.age - a.age);
  return entries.map(({ entry }) => entry);
}

const encoder = new TextEncoder();

function bucketOf(key: string, buckets: number): number {
  let hash = 2166136261;
  for (const byte of encoder.encode(key)) hash = Math.imul(hash, 16777619) ^ byte;
  return (hash >>> 0) % buckets;
}
export type Value = string | IndexedArray | AssociativeArray | undefined;

/** A variable; `value` undefined: declared but unset. */
export interface Variable {
  value: Value;
  exported: boolean;
  readonly: boolean;
  integer: boolean;
  nameref: boolean;
  convert: "lower" | "upper" | undefined;
  /** An array that was declared only: it is listed without a value. */
  unassigned?: boolean;
}

function blank(): Variable {
  return {
    value: undefined,
    exported: false,
    readonly: false,
    integer: false,
    nameref: false,
    convert: undefined,
  };
}

interface Scope {
  readonly variables: Map<string, Variable>;
  /** "temporary": the assignments in front of a command; `local` does not declare into it. */
  readonly kind: "global" | "function" | "temporary";
}

/** A variable that is computed when read, and may react to assignments (`RANDOM=5`, `SECONDS=0`). */
export interface DynamicVariable {
  read(): string | IndexedArray;
  write?(value: string): void;
}

export const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class Variables {
  readonly #scopes: Scope[] = [{ variables: new Map(), kind: "global" }];
  readonly #dynamic = new Map<string, DynamicVariable>();
  #exported: Map<string, string> | undefined;

  /** A copy for a subshell. Dynamic variables are not copied: the new shell installs its own. */
  copy(): Variables {
    const copy = new Variables();
    copy.#scopes.length = 0;
    for (const scope of this.#scopes) {
      const variables = new Map<string, Variable>();
      for (const [name, variable] of scope.variables)
        variables.set(name, { ...variable, value: copyValue(variable.value) });
      copy.#scopes.push({ variables, kind: scope.kind });
    }
    return copy;
  }

  define(name: string, dynamic: DynamicVariable): void {
    this.#dynamic.set(name, dynamic);
  }

  pushScope(kind: "function" | "temporary"): void {
    this.#scopes.push({ variables: new Map(), kind });
  }

  popScope(): void {
    const scope = this.#scopes.pop();
    if (scope?.variables.size !== 0) this.#exported = undefined;
  }

  get inFunction(): boolean {
    return this.#scopes.some((scope) => scope.kind === "function");
  }

  /** The variable itself, name references followed; undefined if it was never declared. */
  find(name: string): Variable | undefined {
    return this.#lookup(this.resolve(name));
  }

  /** As `find`, but a name reference is returned itself. */
  findDirect(name: string): Variable | undefined {
    return this.#lookup(name);
  }

  #lookup(name: string): Variable | undefined {
    const dynamic = this.#dynamic.get(name);
    if (dynamic) return { ...blank(), value: dynamic.read() };
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const variable = this.#scopes[i]?.variables.get(name);
      if (variable) return variable;
    }
    return undefined;
  }

  /** The name that a name reference stands for; the name itself for all others. May have a subscript. */
  resolve(name: string): string {
    let target = name;
    for (let hops = 0; hops < 8; hops++) {
      // Computed variables are no references, and reading them may have an effect (RANDOM).
      if (this.#dynamic.has(target)) return target;
      const variable = this.#lookup(target);
      if (!variable?.nameref || typeof variable.value !== "string" || variable.value === "") return target;
      target = variable.value;
    }
    return target;
  }

  /** The value as `$name` gives it: of an array, element 0. */
  get(name: string): string | undefined {
    const target = this.resolve(name);
    const open = target.indexOf("[");
    if (open > 0) return this.element(target.slice(0, open), target.slice(open + 1, -1));
    return scalarOf(this.#lookup(target)?.value);
  }

  /** An element by its final key, without arithmetic. */
  element(name: string, key: string): string | undefined {
    const value = this.find(name)?.value;
    if (value instanceof Map) return value.get(key);
    if (value instanceof IndexedArray) return value.get(Number(key));
    return key === "0" ? value : undefined;
  }

  /** The variable to write to: the nearest one, or a new global one. Refuses readonly ones. */
  #forWriting(name: string): Variable {
    const variable = this.#lookup(name) ?? this.#create(name, this.#scopes[0] as Scope);
    if (variable.readonly) throw new ShellFault(`${name}: readonly variable`);
    if (variable.exported) this.#exported = undefined;
    variable.unassigned = false;
    return variable;
  }

  #create(name: string, scope: Scope): Variable {
    const variable = blank();
    scope.variables.set(name, variable);
    return variable;
  }

  /** Assigns a scalar; of an array, element 0. Attributes other than integer are applied here. */
  set(name: string, value: string): void {
    const target = this.resolve(name);
    const open = target.indexOf("[");
    if (open > 0) return this.setElement(target.slice(0, open), target.slice(open + 1, -1), value);
    const dynamic = this.#dynamic.get(target);
    if (dynamic) return dynamic.write?.(value);
    const variable = this.#forWriting(target);
    const text = converted(variable, value);
    if (variable.value instanceof IndexedArray) variable.value.set(0, text);
    else if (variable.value instanceof Map) variable.value.set("0", text);
    else variable.value = text;
  }

  /** Assigns an element by its final key; makes an indexed array of a scalar. */
  setElement(name: string, key: string, value: string): void {
    const target = this.resolve(name);
    const variable = this.#forWriting(target);
    const text = converted(variable, value);
    if (variable.value instanceof Map) variable.value.set(key, text);
    else this.#asIndexed(variable).set(Number(key), text);
  }

  #asIndexed(variable: Variable): IndexedArray {
    if (variable.value instanceof IndexedArray) return variable.value;
    const array = new IndexedArray();
    if (typeof variable.value === "string") array.set(0, variable.value);
    variable.value = array;
    return array;
  }

  /** Replaces the whole value by an array. */
  setArray(name: string, value: IndexedArray | AssociativeArray): void {
    const target = this.resolve(name);
    if (this.#dynamic.has(target)) return;
    this.#forWriting(target).value = value;
  }

  /** Declares `name`: in the innermost function for `local`, else where it is or globally. */
  declare(name: string, where: "local" | "nearest" | "global"): Variable {
    if (where === "nearest") return this.#lookup(name) ?? this.#create(name, this.#scopes[0] as Scope);
    const global = this.#scopes[0] as Scope;
    const scope =
      where === "global" ? global : (this.#scopes.findLast(({ kind }) => kind === "function") ?? global);
    return scope.variables.get(name) ?? this.#create(name, scope);
  }

  /** True if the innermost function has a variable of its own of that name. */
  isLocal(name: string): boolean {
    return this.#scopes.findLast(({ kind }) => kind === "function")?.variables.has(name) ?? false;
  }

  /** Assigns in the innermost scope, exported: `NAME=value command`. */
  setTemporary(name: string, value: string): void {
    const outer = this.#lookup(name);
    if (outer?.readonly) throw new ShellFault(`${name}: readonly variable`);
    const scope = this.#scopes.at(-1) as Scope;
    scope.variables.set(name, { ...blank(), value, exported: true });
    this.#exported = undefined;
  }

  setExported(name: string, exported: boolean): void {
    const variable = this.declare(this.resolve(name), "nearest");
    variable.exported = exported;
    this.#exported = undefined;
  }

  unset(name: string): void {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const scope = this.#scopes[i] as Scope;
      const variable = scope.variables.get(name);
      if (variable === undefined) continue;
      if (variable.readonly) throw new ShellFault(`${name}: cannot unset: readonly variable`);
      this.#exported = undefined;
      // A local variable of the running function stays local while unset (bash(1), "unset").
      if (scope.kind === "function" && i === this.#scopes.length - 1) scope.variables.set(name, blank());
      else scope.variables.delete(name);
      return;
    }
    this.#dynamic.delete(name);
  }

  /** Names of all variables that are visible, sorted. */
  names(): string[] {
    const names = new Set(this.#dynamic.keys());
    for (const scope of this.#scopes) for (const name of scope.variables.keys()) names.add(name);
    return [...names].sort();
  }

  /** Names that the innermost function declared. */
  localNames(): string[] {
    return [...(this.#scopes.findLast(({ kind }) => kind === "function")?.variables.keys() ?? [])].sort();
  }

  /** The environment of a child process. Not to be changed by the caller. */
  environment(): ReadonlyMap<string, string> {
    if (this.#exported === undefined) {
      this.#exported = new Map();
      for (const scope of this.#scopes) {
        for (const [name, variable] of scope.variables) {
          const text = scalarOf(variable.value);
          if (variable.exported && text !== undefined) this.#exported.set(name, text);
          else this.#exported.delete(name);
        }
      }
    }
    return this.#exported;
  }
}

export function scalarOf(value: Value): string | undefined {
  if (value instanceof IndexedArray) return value.get(0);
  if (value instanceof Map) return value.get("0");
  return value;
}

function copyValue(value: Value): Value {
  if (value instanceof IndexedArray) return value.copy();
  if (value instanceof Map) return new Map(value);
  return value;
}

function converted(variable: Variable, value: string): string {
  if (variable.convert === "lower") return value.toLowerCase();
  if (variable.convert === "upper") return value.toUpperCase();
  return value;
}
