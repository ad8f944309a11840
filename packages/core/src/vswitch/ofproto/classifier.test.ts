import { describe, expect, test } from "vitest";
import { parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { newFlow } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { Classifier } from "./classifier.ts";
import { Rule } from "./rule.ts";

function rule(text: string): Rule {
  const { flow } = parseFlow(`${text},actions=drop`, "add");
  return new Rule(0, flow.match, flow.priority, flow.actions, 0);
}

function packet(text: string): Flow {
  const { match } = parseFlow(text, "request").flow;
  return match.value.slice();
}

/** The rule's match, and the bits of the packet that were looked at. */
function find(classifier: Classifier<Rule>, text: string): readonly [string | undefined, string] {
  const wildcards = newFlow();
  const flow = packet(text);
  const found = classifier.lookup(flow, wildcards);
  const value = flow.map((word, at) => word & (wildcards[at] ?? 0));
  return [found && formatMatch(found.match), formatMatch(new Match(value, wildcards))];
}

describe("a classifier", () => {
  const classifier = new Classifier<Rule>();
  for (const text of [
    "priority=10,ip,nw_src=10.0.0.0/8",
    "priority=20,tcp,tp_dst=80",
    "priority=1,in_port=1",
  ]) {
    classifier.insert(rule(text));
  }

  test("finds the rule of highest priority", () => {
    expect(find(classifier, "tcp,nw_src=10.1.1.1,tp_dst=80")[0]).toBe("tcp,tp_dst=80");
    expect(find(classifier, "udp,nw_src=10.1.1.1,tp_dst=80")[0]).toBe("ip,nw_src=10.0.0.0/8");
    expect(find(classifier, "in_port=1,arp")[0]).toBe("in_port=1");
    expect(find(classifier, "in_port=2,arp")[0]).toBeUndefined();
  });
  test("looks at no later stage than it needs", () => {
    // ARP fails at the Ethernet type; addresses and ports stay wild
    expect(find(classifier, "in_port=1,arp,arp_spa=10.0.0.1")[1]).toBe("arp,in_port=1");
  });
  test("looks at no more bits of an address than tell that no prefix fits", () => {
    expect(find(classifier, "in_port=1,udp,nw_src=192.168.1.1")[1]).toBe("udp,in_port=1,nw_src=128.0.0.0/1");
  });
  test("knows rules by match and priority, and forgets them", () => {
    const wanted = rule("priority=20,tcp,tp_dst=80");
    const known = classifier.find(wanted.match, 20);
    expect(known).toBeDefined();
    expect(classifier.find(wanted.match, 21)).toBeUndefined();
    if (known) classifier.remove(known);
    expect(find(classifier, "tcp,nw_src=10.1.1.1,tp_dst=80")[0]).toBe("ip,nw_src=10.0.0.0/8");
    expect(classifier.size).toBe(2);
  });
});

describe("conjunctive matches", () => {
  const classifier = new Classifier<Rule>();
  const conjunction = (text: string, clause: number) => {
    const { flow } = parseFlow(`${text},actions=conjunction(7,${clause}/2)`, "add");
    classifier.insert(new Rule(0, flow.match, flow.priority, flow.actions, 0));
  };
  conjunction("ip,nw_src=10.0.0.1", 1);
  conjunction("ip,nw_src=10.0.0.2", 1);
  conjunction("ip,nw_dst=10.0.0.9", 2);
  classifier.insert(rule("conj_id=7,ip"));

  test("match when a rule of each clause does", () => {
    expect(find(classifier, "ip,nw_src=10.0.0.2,nw_dst=10.0.0.9")[0]).toBe("conj_id=7,ip");
    expect(find(classifier, "ip,nw_src=10.0.0.3,nw_dst=10.0.0.9")[0]).toBeUndefined();
    expect(find(classifier, "ip,nw_src=10.0.0.1,nw_dst=10.0.0.8")[0]).toBeUndefined();
  });
});
