// What an awk program is made of (POSIX awk, Grammar). Names are resolved while it is parsed: a variable is a slot of the program or of
// the function that it stands in.

/** Something that can be assigned to, or hold an array. */
export type Variable =
  | { readonly kind: "global"; readonly name: string }
  | { readonly kind: "local"; readonly index: number; readonly name: string };

export type LeftValue =
  | { readonly type: "variable"; readonly variable: Variable }
  | { readonly type: "field"; readonly index: Expression }
  | { readonly type: "element"; readonly array: Variable; readonly keys: readonly Expression[] };

/** Where `getline` reads from: the main input if it is not told. */
export type GetlineSource =
  | { readonly type: "input" }
  | { readonly type: "file"; readonly name: Expression }
  | { readonly type: "command"; readonly command: Expression };

export type Expression =
  | LeftValue
  | { readonly type: "constant"; readonly value: number | string }
  | { readonly type: "regexp"; readonly expression: RegExp }
  | { readonly type: "assign"; readonly to: LeftValue; readonly operator: string; readonly value: Expression }
  | { readonly type: "step"; readonly of: LeftValue; readonly by: 1 | -1; readonly prefix: boolean }
  | { readonly type: "unary"; readonly operator: "!" | "-" | "+"; readonly operand: Expression }
  | {
      readonly type: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly type: "choice";
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | {
      readonly type: "match";
      readonly negated: boolean;
      readonly text: Expression;
      readonly pattern: Expression;
    }
  | { readonly type: "in"; readonly keys: readonly Expression[]; readonly array: Variable }
  | { readonly type: "group"; readonly inner: Expression }
  | { readonly type: "builtin"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly type: "getline"; readonly source: GetlineSource; readonly to: LeftValue | undefined };

/** Where print and printf write. */
export interface Redirection {
  readonly operator: ">" | ">>" | "|";
  readonly target: Expression;
}

export type Statement =
  | { readonly type: "block"; readonly body: readonly Statement[] }
  | { readonly type: "expression"; readonly expression: Expression }
  | {
      readonly type: "print" | "printf";
      readonly args: readonly Expression[];
      readonly to: Redirection | undefined;
    }
  | {
      readonly type: "if";
      readonly condition: Expression;
      readonly yes: Statement;
      readonly no: Statement | undefined;
    }
  | {
      readonly type: "loop";
      readonly first: Statement | undefined;
      readonly condition: Expression | undefined;
      readonly next: Statement | undefined;
      readonly body: Statement;
      /** do ... while: the body comes before the first look at the condition. */
      readonly after: boolean;
    }
  | { readonly type: "each"; readonly key: LeftValue; readonly array: Variable; readonly body: Statement }
  | { readonly type: "delete"; readonly array: Variable; readonly keys: readonly Expression[] | undefined }
  | { readonly type: "break" | "continue" | "next" | "nextfile" }
  | { readonly type: "exit" | "return"; readonly value: Expression | undefined };

export interface Rule {
  /** None: every record. Two: from one to the other. */
  readonly patterns: readonly Expression[];
  /** Undefined: print the record. */
  readonly action: Statement | undefined;
}

export interface AwkFunction {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Statement;
}

export interface AwkProgram {
  readonly begin: readonly Statement[];
  readonly end: readonly Statement[];
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, AwkFunction>;
}

/** A program that cannot be parsed, in mawk's words. */
export class AwkSyntaxFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}
