/** The decisions of a person on the requests of a question, and the focus. */
import type { RefObject } from "preact";
import { useContext, useLayoutEffect, useRef, useState } from "preact/hooks";
import { resolve } from "../controls/resolve";
import type { FieldProps } from "../fields/base";
import type { Json } from "../json";
import { isComposing, latinKey } from "../keyboard";
import type { Action, DecisionsField } from "../protocol";
import { type Decisions, readDraft, startOf, writeDraft } from "./draft";
import { commonAction, isForRest, isTaken, nextOpen, requestOf, stepOf } from "./keys";
import { RulesOf } from "./ruled";

/** The place of the focus once the decision is drawn. */
type Aim = { kind: "request" | "fill"; at: number };

export interface Deciding {
  decided: Decisions;
  /** The request to which Tab leads. */
  current: number;
  /** The request whose empty line is sent by another Enter. */
  armed: number | null;
  /** `sends`: also requests that a rule decided on. */
  choose(index: number, action: Action, sends?: boolean): void;
  fillIn(index: number, value: Json): void;
  /** Decide on all open requests with an action that has nothing to fill in. */
  decideRest(action: Action): void;
  onKeyDown(event: KeyboardEvent): void;
  onFocusIn(event: FocusEvent): void;
}

type Props = Pick<FieldProps, "draft" | "readOnly" | "sendsLast" | "onDraft" | "onSend"> & {
  field: DecisionsField;
};

export function useDecisions(root: RefObject<HTMLElement | null>, props: Props): Deciding {
  const { field, draft, readOnly, sendsLast, onDraft, onSend } = props;
  const { requests } = field;
  const ruled = useContext(RulesOf)?.ruled ?? [];
  const isRuled = (index: number) => ruled.some(({ request }) => request === index);
  const decided = readDraft(draft, field);
  const several = requests.length > 1;
  const [current, setCurrent] = useState(() => nextOpen(decided, -1) ?? 0);
  const [armed, arm] = useState<number | null>(null);
  const withValue = useKeptValues(decided);
  const aim = useAim(root);

  const put = (next: Decisions) => onDraft(writeDraft(next));
  const isComplete = (next: Decisions) => (several ? sendsLast : true) && next.every((one) => one !== null);

  /** After a decision: send, or go on with the next open request; without an open request, stay. */
  function goOn(next: Decisions, index: number): void {
    if (isComplete(next)) onSend(writeDraft(next));
    else aim.at({ kind: "request", at: nextOpen(next, index) ?? index });
  }

  function choose(index: number, action: Action, sends = false): void {
    if (readOnly || (isRuled(index) && !sends)) return;
    arm(null);
    const next = decided[index]?.action === action.name ? decided : withValue(index, action);
    if (next !== decided) put(next);
    if (action.control && !sends) aim.at({ kind: "fill", at: index });
    else goOn(next, index);
  }

  function decideRest(action: Action): void {
    if (readOnly) return;
    const next = decided.map((one) => one ?? { action: action.name, value: undefined });
    put(next);
    goOn(next, current);
  }

  /** Enter in a line ends the line. In an empty line, the first Enter only tells that a second Enter sends. */
  function endLine(index: number): void {
    const value = decided[index]?.value;
    const isEmpty = value === "" || value === undefined;
    const warns = isEmpty && isComplete(decided) && armed !== index;
    arm(warns ? index : null);
    if (!warns) goOn(decided, index);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.defaultPrevented || isComposing(event)) return;
    const at = requestOf(event.target);
    if (event.key === "Enter" && isBare(event) && at !== null && isLine(field, decided, at, event.target)) {
      event.preventDefault();
      if (!readOnly && !event.repeat) endLine(at);
    } else if (event.key === "Escape" && at !== null && event.target instanceof Element) {
      if (event.target.closest(".fill-in")) aim.now({ kind: "request", at });
    } else if (!isTaken(event)) step(event, at);
  }

  function step(event: KeyboardEvent, at: number | null): void {
    const rest = requests.length > 1 ? commonAction(requests) : undefined;
    if (isForRest(event, rest)) {
      event.preventDefault();
      if (!event.repeat) decideRest(rest);
      return;
    }
    const found = stepOf(latinKey(event), at, requests, decided);
    if (!found) return;
    event.preventDefault(); // or the letter would be typed where the focus goes
    if (found.kind === "move") aim.now({ kind: "request", at: found.to });
    else if (!event.repeat) choose(found.at, found.action); // a key that is held down decides once
  }

  function onFocusIn({ target }: FocusEvent): void {
    const at = requestOf(target);
    if (at !== null && at !== current) setCurrent(at);
    if (armed !== null && at !== armed) arm(null);
  }

  function fillIn(index: number, value: Json): void {
    arm(null);
    put(decided.with(index, { action: decided[index]?.action ?? "", value }));
  }

  return { decided, current, armed, choose, fillIn, decideRest, onKeyDown, onFocusIn };
}

/** Whether an element is the line that is filled in for a decision. */
function isLine(
  field: DecisionsField,
  decided: Decisions,
  index: number,
  target: EventTarget | null,
): boolean {
  const name = decided[index]?.action;
  const control = field.requests[index]?.actions.find((action) => action.name === name)?.control;
  const isText = control != null && resolve(control, field.shared).kind === "text";
  return isText && target instanceof Element && target.matches(".fill-in :is(input, textarea)");
}

function isBare({ ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return !(ctrlKey || metaKey || altKey || shiftKey);
}

/** The text for an action comes back when the action is chosen again. */
function useKeptValues(decided: Decisions): (index: number, action: Action) => Decisions {
  const kept = useRef(new Map<string, Json>());
  return (index, action) => {
    const before = decided[index];
    if (before?.value !== undefined) kept.current.set(`${index} ${before.action}`, before.value);
    const value = kept.current.get(`${index} ${action.name}`) ?? startOf(action);
    return decided.with(index, { action: action.name, value });
  };
}

/** Moves the focus, at once or once the next drawing stands: before the next key arrives, which would be lost. */
function useAim(root: RefObject<HTMLElement | null>) {
  const waiting = useRef<Aim | null>(null);
  const now = ({ kind, at }: Aim): void => {
    const request = root.current?.querySelector<HTMLElement>(`[data-request="${at}"]`);
    const fill = request?.querySelector<HTMLElement>(`.fill-in :is(${FILLED_IN})`);
    if (kind === "request" || !fill) request?.focus();
    else focusWhole(fill);
  };
  useLayoutEffect(() => {
    if (waiting.current) now(waiting.current);
    waiting.current = null;
  });
  const [, redraw] = useState({});
  const at = (aim: Aim): void => {
    waiting.current = aim;
    redraw({}); // also where the draft does not change
  };
  return { now, at };
}

const FILLED_IN = "input, textarea, select, button";

/** A line is selected whole, so that typing replaces the proposal. */
function focusWhole(control: HTMLElement): void {
  control.focus();
  if (control instanceof HTMLInputElement && control.type !== "checkbox" && control.type !== "radio")
    control.select();
}
