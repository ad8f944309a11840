// Names of M3UA: message classes, the messages of each, and parameters.

import { NameTable } from "./names.ts";

export const M3UA_CLASSES = new NameTable([
  [0, "Management"],
  [1, "Transfer"],
  [2, "SS7"],
  [3, "ASP"],
  [4, "ASP"],
  [9, "Routing Key Management"],
]);

/** By class. */
export const M3UA_MESSAGES: Readonly<Record<number, NameTable>> = {
  0: new NameTable([
    [0, "Error"],
    [1, "Notify"],
  ]),
  1: new NameTable([[1, "Data"]]),
  2: new NameTable([
    [1, "Destination Unavailable"],
    [2, "Destination Available"],
    [3, "Destination State Audit"],
    [4, "Signalling Congestion"],
    [5, "Destination User Part Unavailable"],
    [6, "Destination Restricted"],
  ]),
  3: new NameTable([
    [1, "Up"],
    [2, "Down"],
    [3, "Heartbeat"],
    [4, "Up Acknowledgement"],
    [5, "Down Acknowledgement"],
    [6, "Heartbeat Acknowledgement"],
  ]),
  4: new NameTable([
    [1, "Active"],
    [2, "Inactive"],
    [3, "Active Acknowledgement"],
    [4, "Inactive Acknowledgement"],
  ]),
  9: new NameTable([
    [1, "Registration Request"],
    [2, "Registration Response"],
    [3, "Deregistration Request"],
    [4, "Deregistration Response"],
  ]),
};

export const M3UA_PARAMETERS = new NameTable([
  [0x4, "INFO String"],
  [0x6, "Routing Context"],
  [0x7, "Diagnostic Info"],
  [0x9, "Heartbeat Data"],
  [0xb, "Traffic Mode Type"],
  [0xc, "Error Code"],
  [0xd, "Status"],
  [0x11, "ASP Identifier"],
  [0x12, "Affected Point Code"],
  [0x13, "Correlation ID"],
  [0x200, "Network Appearance"],
  [0x204, "User/Cause"],
  [0x205, "Congestion Indications"],
  [0x206, "Concerned Destination"],
  [0x207, "Routing Key"],
  [0x208, "Registration Result"],
  [0x209, "Deregistration Result"],
  [0x20a, "Local Routing Key Identifier"],
  [0x20b, "Destination Point Code"],
  [0x20c, "Service Indicators"],
  [0x20e, "Originating Point Code List"],
  [0x210, "Protocol Data"],
  [0x212, "Registration Status"],
  [0x213, "Deregistration Status"],
]);
