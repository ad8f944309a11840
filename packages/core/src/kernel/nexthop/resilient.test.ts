import { describe, expect, test } from "vitest";
import { SECOND } from "../../system/system.ts";
import { Clock } from "../clock.ts";
import type { GroupMember } from "./objects.ts";
import { NexthopObject } from "./objects.ts";
import { ResilientTable } from "./resilient.ts";

// Expectations: nexthop-group-resilient.rst, and what `ip nexthop bucket` shows on Linux 6.18.

function member(id: number, weight = 1): GroupMember {
  const group = { kind: "group", fdb: false, members: [], resilient: undefined } as const;
  return { object: new NexthopObject(id, 0, group), weight, upperBound: 0, buckets: 0, wantedBuckets: 0 };
}

/** The same object as a member of the next group. */
function again({ object }: GroupMember, weight = 1): GroupMember {
  return { object, weight, upperBound: 0, buckets: 0, wantedBuckets: 0 };
}

const idsOf = ({ buckets }: ResilientTable): (number | undefined)[] =>
  buckets.map((bucket) => bucket.member?.object.id);

function pass(clock: Clock, seconds: number): void {
  const end = clock.now + seconds * SECOND;
  for (let at = clock.next(); at !== undefined && at <= end; at = clock.next()) {
    clock.now = at;
    clock.fireDue();
  }
  clock.now = end;
}

describe("buckets of a resilient group", () => {
  test("are shared out by weight, to the last member first", () => {
    const table = new ResilientTable(new Clock(0), 8, SECOND, 0);
    table.setMembers([member(1, 3), member(2, 1)]);
    expect(idsOf(table)).toEqual([2, 2, 1, 1, 1, 1, 1, 1]);
  });

  test("of a member that leaves go to the others, who keep what they have", () => {
    const table = new ResilientTable(new Clock(0), 6, SECOND, 0);
    const members = [member(1), member(2), member(3)];
    table.setMembers(members);
    expect(idsOf(table)).toEqual([3, 3, 2, 2, 1, 1]);
    table.setMembers([members[0], members[2]].flatMap((each) => (each ? [again(each)] : [])));
    expect(idsOf(table)).toEqual([3, 3, 3, 1, 1, 1]);
  });

  test("in use are left alone until they have been idle for long enough", () => {
    const clock = new Clock(0);
    const table = new ResilientTable(clock, 4, 10 * SECOND, 0);
    const first = member(1);
    table.setMembers([first]);
    pass(clock, 1);
    table.use(0);
    table.use(1);
    table.setMembers([again(first), member(2)]);
    expect(idsOf(table)).toEqual([1, 1, 2, 2]);
    table.setMembers([again(first), again(member(2), 3)]);
    const told: number[] = [];
    table.onMigrated = (index) => told.push(index);
    expect(idsOf(table).filter((id) => id === 1)).toHaveLength(2);
    expect(table.unbalancedTime).toBe(0);
    pass(clock, 5);
    expect(table.unbalancedTime).toBe(5 * SECOND);
    pass(clock, 6);
    expect(idsOf(table).filter((id) => id === 1)).toHaveLength(1);
    expect(told).toEqual([0]);
    expect(table.unbalancedTime).toBe(0);
  });

  test("in use are taken when the group has been out of balance for too long", () => {
    const clock = new Clock(0);
    const table = new ResilientTable(clock, 4, 100 * SECOND, 3 * SECOND);
    const first = member(1);
    table.setMembers([first]);
    pass(clock, 1);
    for (let hash = 0; hash < 4; hash++) table.use(hash);
    table.setMembers([again(first), member(2)]);
    expect(idsOf(table)).toEqual([1, 1, 1, 1]);
    pass(clock, 4);
    expect(idsOf(table)).toEqual([2, 2, 1, 1]);
  });
});
