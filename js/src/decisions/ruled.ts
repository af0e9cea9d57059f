/** Decisions of rules: in a draft while the rules are in force, and never in a draft that is kept. */
import { createContext } from "preact";
import type { AllowRequest, DecisionsField, Question, Ruled } from "../protocol";
import { type Decisions, readDraft, startOf, writeDraft } from "./draft";

/** The actions of a person on the rules of a question. */
export interface Rules {
  ruled: readonly Ruled[];
  /** Whether the card offers to make a rule of a call. */
  isOffered: boolean;
  /** Rules that are being revoked, and whether a rule is being made. */
  isBusy: boolean;
  /** Why the last action was refused. */
  problem: string | null;
  revoke(rule: string): void;
  allow(call: number, scope: AllowRequest["scope"], bounds: AllowRequest["bounds"]): void;
}

export const RulesOf = createContext<Rules | null>(null);

export function withRulings(question: Question, draft: string): string {
  const { field, ruled = [] } = question;
  if (field.kind !== "decisions" || ruled.length === 0) return draft;
  return writeDraft(put(field, draft, ruled, (one) => decisionOf(field, one)));
}

/** The draft without the decisions of rules: a revoked rule leaves no decision. */
export function withoutRulings(question: Question, draft: string): string {
  const { field, ruled = [] } = question;
  if (field.kind !== "decisions" || ruled.length === 0) return draft;
  return writeDraft(put(field, draft, ruled, () => null));
}

function put(
  field: DecisionsField,
  draft: string,
  ruled: readonly Ruled[],
  decision: (one: Ruled) => Decisions[number],
): Decisions {
  const decided = readDraft(draft, field);
  return ruled.reduce<Decisions>(
    (all, one) => (one.request < all.length ? all.with(one.request, decision(one)) : all),
    decided,
  );
}

function decisionOf(field: DecisionsField, { request, action }: Ruled): Decisions[number] {
  const chosen = field.requests[request]?.actions.find(({ name }) => name === action);
  return { action, value: chosen && startOf(chosen) };
}
