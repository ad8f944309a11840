/** Sets of actions and instructions that a switch can do, by Open vSwitch's names and in its order. */

/** In Open vSwitch's own order, with the number of each in 1.0, 1.1 and 1.2 to 1.5; undefined where there is none. */
const ACTIONS: readonly (readonly [
  name: string,
  of10: number | undefined,
  of11: number | undefined,
  of12: number | undefined,
])[] = [
  ["output", 0, 0, 0],
  ["group", undefined, 22, 22],
  ["enqueue", 11, undefined, undefined],
  ["set_field", undefined, undefined, 25],
  ["set_vlan_vid", 1, 1, undefined],
  ["set_vlan_pcp", 2, 2, undefined],
  ["strip_vlan", 3, 18, 18],
  ["push_vlan", undefined, 17, 17],
  ["mod_dl_src", 4, 3, undefined],
  ["mod_dl_dst", 5, 4, undefined],
  ["mod_nw_src", 6, 5, undefined],
  ["mod_nw_dst", 7, 6, undefined],
  ["mod_nw_tos", 8, 7, undefined],
  ["mod_nw_ecn", undefined, 8, undefined],
  ["mod_nw_ttl", undefined, 23, 23],
  ["mod_tp_src", 9, 9, undefined],
  ["mod_tp_dst", 10, 10, undefined],
  ["dec_ttl", undefined, 24, 24],
  ["set_mpls_label", undefined, 13, undefined],
  ["set_mpls_tc", undefined, 14, undefined],
  ["set_mpls_ttl", undefined, 15, 15],
  ["dec_mpls_ttl", undefined, 16, 16],
  ["push_mpls", undefined, 19, 19],
  ["pop_mpls", undefined, 20, 20],
  ["set_queue", undefined, 21, 21],
];

const columnOf = (version: number): 1 | 2 | 3 => (version === 1 ? 1 : version === 2 ? 2 : 3);

/** All that a version has: bit N for its action type N. */
export function actionBits(version: number): number {
  const numbers = ACTIONS.map((row) => row[columnOf(version)]);
  return numbers.reduce<number>((bits, number) => (number === undefined ? bits : bits | (1 << number)), 0);
}

/** @param bits bit N: the version's action type N */
export function actionNamesOf(bits: number, version: number): string[] {
  const column = columnOf(version);
  return ACTIONS.filter((row) => {
    const number = row[column];
    return number !== undefined && ((bits >>> number) & 1) !== 0;
  }).map(([name]) => name);
}

const INSTRUCTIONS: readonly (readonly [name: string, number: number])[] = [
  ["meter", 6],
  ["apply_actions", 4],
  ["clear_actions", 5],
  ["write_actions", 3],
  ["write_metadata", 2],
  ["goto_table", 1],
];

/** @param bits bit N: instruction type N */
export function instructionNamesOf(bits: number): string[] {
  return INSTRUCTIONS.filter(([, number]) => ((bits >>> number) & 1) !== 0).map(([name]) => name);
}
