// <error> of RFC 7047, 3.1: what a database says about a request that it refuses. Like Refusal, it is thrown inside a
// request and becomes a part of the reply; it is no bug.

import type { Json, JsonObject } from "../json.ts";
import { formatJson } from "../json.ts";

export class OvsdbError {
  /** "constraint violation", "syntax error", ... */
  readonly tag: string;
  readonly details: string | undefined;
  /** The JSON that the error is about. */
  readonly syntax: string | undefined;
  /** The text of the errno of an I/O error. */
  readonly cause: string | undefined;

  constructor(tag: string, details?: string, syntax?: Json, cause?: string) {
    this.tag = tag;
    this.details = details;
    this.syntax = syntax === undefined ? undefined : formatJson(syntax, { sort: true });
    this.cause = cause;
  }

  /** The same, with what was tried in front of its details. */
  within(what: string): OvsdbError {
    const outer = new OvsdbError(this.tag, this.details === undefined ? what : `${what}: ${this.details}`);
    return Object.assign(outer, { syntax: this.syntax, cause: this.cause });
  }

  toJson(): JsonObject {
    return {
      ...(this.details === undefined ? {} : { details: this.details }),
      error: this.tag,
      ...(this.cause === undefined ? {} : { "io-error": this.cause }),
      ...(this.syntax === undefined ? {} : { syntax: this.syntax }),
    };
  }

  toString(): string {
    const syntax = this.syntax === undefined ? "" : `syntax "${this.syntax}": `;
    const details = this.details === undefined ? "" : `: ${this.details}`;
    return `${syntax}${this.tag}${details}${this.cause === undefined ? "" : ` (${this.cause})`}`;
  }
}

export function syntaxError(json: Json | undefined, details: string, tag = "syntax error"): OvsdbError {
  return new OvsdbError(tag, details, json);
}
