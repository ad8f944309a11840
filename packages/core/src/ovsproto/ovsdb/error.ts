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

  constructor(tag: string, details?: string, syntax?: Json) {
    this.tag = tag;
    this.details = details;
    this.syntax = syntax === undefined ? undefined : formatJson(syntax, { sort: true });
  }

  toJson(): JsonObject {
    return {
      ...(this.details === undefined ? {} : { details: this.details }),
      error: this.tag,
      ...(this.syntax === undefined ? {} : { syntax: this.syntax }),
    };
  }

  toString(): string {
    const syntax = this.syntax === undefined ? "" : `syntax "${this.syntax}": `;
    return `${syntax}${this.tag}${this.details === undefined ? "" : `: ${this.details}`}`;
  }
}

export function syntaxError(json: Json | undefined, details: string, tag = "syntax error"): OvsdbError {
  return new OvsdbError(tag, details, json);
}
