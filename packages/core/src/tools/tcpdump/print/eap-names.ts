// Names in EAPOL and EAP.

import { NameTable } from "./names.ts";

export const PACKET_TYPES = new NameTable([
  [0, "EAP packet"],
  [1, "EAPOL start"],
  [2, "EAPOL logoff"],
  [3, "EAPOL key"],
  [4, "Encapsulated ASF alert"],
]);

export const CODES = new NameTable([
  [1, "Request"],
  [2, "Response"],
  [3, "Success"],
  [4, "Failure"],
]);

export const TYPES = new NameTable([
  [0, "No proposed"],
  [1, "Identity"],
  [2, "Notification"],
  [3, "Nak"],
  [4, "MD5-challenge"],
  [5, "OTP"],
  [6, "GTC"],
  [13, "TLS"],
  [18, "SIM"],
  [21, "TTLS"],
  [23, "AKA"],
  [43, "FAST"],
  [254, "Expanded types"],
  [255, "Experimental"],
]);

export const TLS_FLAGS = new NameTable([
  [128, "L bit"],
  [64, "More fragments bit"],
  [32, "Start bit"],
]);

export const AKA_SUBTYPES = new NameTable([
  [1, "Challenge"],
  [2, "Auth reject"],
  [4, "Sync failure"],
  [5, "Identity"],
  [10, "Start"],
  [11, "Challenge"],
  [12, "Notification"],
  [13, "Reauth"],
  [14, "Client error"],
]);
