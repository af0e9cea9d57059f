/** How an answer stands on its way to the kernel. */
import type { Problem } from "./protocol";

/** `trying` until the kernel has been heard; only `gone` makes the card read-only. */
export type Link = "trying" | "live" | "busy" | "gone";

/** How far an answer has come: `kept` while it can be taken back; `accepted` lasts until the view shows it. */
export type Delivery = "kept" | "sending" | "unconfirmed" | "accepted";

/** Why an answer was not taken, and which. */
export interface Refusal {
  problem: Problem;
  draft: string;
}

export function isUnderway(delivery: Delivery | undefined): boolean {
  return delivery === "kept" || delivery === "sending" || delivery === "accepted";
}

/** Whether the kernel may have it. */
export function isSent(delivery: Delivery | undefined): boolean {
  return delivery !== undefined && delivery !== "kept";
}

export function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
