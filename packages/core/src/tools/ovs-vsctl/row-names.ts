// How commands may name rows besides by UUID: by a column of theirs, or by way of a row of another table that refers to
// them (ovs-vsctl(8), "Identifying Tables, Records, Columns").

export interface RowName {
  /** The table in which is looked. */
  readonly in: string;
  /** The column that has to hold the name; undefined: "." names the only row. */
  readonly by?: string;
  /** The column that leads to the row; undefined: it is the row itself. */
  readonly through?: string;
}

const NAMES: Readonly<Record<string, readonly RowName[]>> = {
  AutoAttach: [{ in: "Bridge", by: "name", through: "auto_attach" }],
  Bridge: [{ in: "Bridge", by: "name" }],
  Controller: [{ in: "Bridge", by: "name", through: "controller" }],
  Flow_Sample_Collector_Set: [{ in: "Flow_Sample_Collector_Set", by: "id" }],
  Flow_Table: [{ in: "Flow_Table", by: "name" }],
  IPFIX: [{ in: "Bridge", by: "name", through: "ipfix" }],
  Interface: [{ in: "Interface", by: "name" }],
  Manager: [{ in: "Manager", by: "target" }],
  Mirror: [{ in: "Mirror", by: "name" }],
  NetFlow: [{ in: "Bridge", by: "name", through: "netflow" }],
  Open_vSwitch: [{ in: "Open_vSwitch" }],
  Port: [{ in: "Port", by: "name" }],
  QoS: [{ in: "Port", by: "name", through: "qos" }],
  SSL: [{ in: "Open_vSwitch", through: "ssl" }],
  sFlow: [{ in: "Bridge", by: "name", through: "sflow" }],
};

export function rowNames(table: string): readonly RowName[] {
  return NAMES[table] ?? [];
}
