// Rules by cookie, in the order in which the original finds them (its hindex.h): the one that came first of those that are there,
// then the others, the newest first. When that first one goes, the newest takes its place.

import type { Rule } from "./rule.ts";

interface Link {
  readonly rule: Rule;
  before: Link | undefined;
  after: Link | undefined;
}

export class CookieOrder {
  readonly #heads = new Map<bigint, Link>();
  readonly #links = new Map<Rule, Link>();

  insert(rule: Rule): void {
    const head = this.#heads.get(rule.cookie);
    const link: Link = { rule, before: head, after: head?.after };
    this.#links.set(rule, link);
    if (!head) {
      this.#heads.set(rule.cookie, link);
      return;
    }
    if (head.after) head.after.before = link;
    head.after = link;
  }

  /** A rule must not change its cookie while it is here. */
  remove(rule: Rule): void {
    const link = this.#links.get(rule);
    if (!link) return;
    this.#links.delete(rule);
    const { before, after } = link;
    if (after) after.before = before;
    if (before) before.after = after;
    else if (after) this.#heads.set(rule.cookie, after);
    else this.#heads.delete(rule.cookie);
  }

  /** A rule in whose place another one comes, which here is the same one. */
  renew(rule: Rule): void {
    if (this.#heads.get(rule.cookie)?.rule === rule) return;
    this.remove(rule);
    this.insert(rule);
  }

  *rulesOf(cookie: bigint): Iterable<Rule> {
    for (let link = this.#heads.get(cookie); link; link = link.after) yield link.rule;
  }
}
