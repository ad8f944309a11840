// [[ ... ]] (bash(1), CONDITIONAL EXPRESSIONS): no splitting, patterns on the right of == and !=, regular expressions
// on the right of =~.

import type { TestCommand, TestExpression, Word } from "unbash";
import {
  compareNumbers,
  compareText,
  FILE_COMPARISONS,
  NUMBER_COMPARISONS,
  unaryTest,
} from "../builtins/tests.ts";
import { evaluateIn } from "../expand/arithmetic.ts";
import type { Collector } from "../expand/fields.ts";
import { traceQuote } from "../expand/quote.ts";
import { expandInto, expandPattern, expandString } from "../expand/word.ts";
import { Pattern } from "../pattern.ts";
import type { Shell } from "../shell.ts";
import { IndexedArray } from "../variables.ts";
import { posixRegExp, quoteRegExp } from "../../system/posix-regexp.ts";
import { traceText } from "./trace.ts";

export async function runConditional(shell: Shell, node: TestCommand): Promise<number> {
  await shell.step();
  const { source } = shell;
  await shell.begins(node.pos, () => source.text.slice(node.pos, node.end));
  return evaluate(shell, node.expression);
}

/** 0 true, 1 false, 2 an expression that cannot be evaluated. */
async function evaluate(shell: Shell, node: TestExpression): Promise<number> {
  switch (node.type) {
    case "TestGroup":
      return evaluate(shell, node.expression);
    case "TestNot": {
      const status = await evaluate(shell, node.operand);
      return status > 1 || node.negations.length % 2 === 0 ? status : 1 - status;
    }
    case "TestLogical": {
      let status = node.operator === "&&" ? 0 : 1;
      for (const operand of node.operands) {
        status = await evaluate(shell, operand);
        if (status > 1 || (status === 0) !== (node.operator === "&&")) return status;
      }
      return status;
    }
    case "TestUnary": {
      const operand = await expandString(shell, node.operand);
      await trace(shell, `${node.operator} ${traceQuote(operand)}`);
      return unaryTest(shell, node.operator, operand) ? 0 : 1;
    }
    case "TestBinary":
      return binary(shell, node.operator, node.left, node.right);
  }
}

async function trace(shell: Shell, text: string): Promise<void> {
  if (shell.options.has("xtrace")) await traceText(shell, `[[ ${text} ]]`);
}

async function binary(shell: Shell, operator: string, leftWord: Word, rightWord: Word): Promise<number> {
  const left = await expandString(shell, leftWord);
  if (operator === "==" || operator === "=" || operator === "!=") {
    const pattern = await expandPattern(shell, rightWord);
    await trace(shell, `${traceQuote(left)} ${operator} ${pattern === "" ? "''" : pattern}`);
    const matches = new Pattern(pattern, shell.shopts.has("nocasematch")).matches(left);
    return matches === (operator !== "!=") ? 0 : 1;
  }
  if (operator === "=~") return matchRegExp(shell, left, rightWord);
  const right = await expandString(shell, rightWord);
  await trace(shell, `${traceQuote(left)} ${operator} ${traceQuote(right)}`);
  if (NUMBER_COMPARISONS.has(operator)) {
    return compareNumbers(operator, evaluateIn(shell, left, "[["), evaluateIn(shell, right, "[[")) ? 0 : 1;
  }
  const files = FILE_COMPARISONS.get(operator);
  if (files) return files(shell, left, right) ? 0 : 1;
  return compareText(operator, left, right) ? 0 : 1;
}

/** Collects a regular expression: quoted text stands for itself. */
class RegExpCollector implements Collector {
  text = "";
  literal(text: string, quoted: boolean): void {
    this.text += quoted ? quoteRegExp(text) : text;
  }
  result(text: string, quoted: boolean): void {
    this.literal(text, quoted);
  }
  list(items: readonly string[], quoted: boolean): void {
    this.literal(items.join(" "), quoted);
  }
}

async function matchRegExp(shell: Shell, text: string, pattern: Word): Promise<number> {
  const collected = new RegExpCollector();
  await expandInto(shell, pattern, collected);
  await trace(shell, `${traceQuote(text)} =~ ${collected.text}`);
  const expression = posixRegExp(collected.text, "extended", shell.shopts.has("nocasematch") ? "is" : "s");
  if (!expression) return 2;
  const match = expression.exec(text);
  shell.variables.setArray("BASH_REMATCH", IndexedArray.of((match ?? []).map((group) => group ?? "")));
  return match ? 0 : 1;
}
