/** Decisions on one or several requests. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Decisions, openIn, readDraft, startOf, writeDraft } from "../decisions/draft";
import { keyed } from "../decisions/keys";
import { RequestCard } from "../decisions/request";
import type { Json } from "../json";
import type { Action, DecisionsField, Field } from "../protocol";
import { Shown } from "../shown";
import { strings } from "../strings";
import { type FieldKind, type FieldProps, VALID, type Verdict } from "./base";

export const decisions: FieldKind = {
  View,
  code: true,
  editable: true,
  drafted: true,
  named: () => "unseen",
  checked: true,
  typed: true,
  deed,
  check,
};

const text = strings.decisions;

/** Some decisions of one interrupt cannot be sent without the others. */
function check(draft: string): Verdict {
  const { undecided, unfinished, all } = openIn(draft);
  if (undecided > 0) return { kind: "open", hint: all === 1 ? text.choose : text.open(undecided) };
  return unfinished ? { kind: "open", hint: text.unfinished } : VALID;
}

/** One request that is decided from the start: the button does what is chosen. */
function deed(field: Field, draft: string): string | null {
  if (field.kind !== "decisions" || field.requests.length !== 1) return null;
  const [first] = readDraft(field.original, field);
  const [chosen] = readDraft(draft, field);
  const action = field.requests[0]?.actions.find(({ name }) => name === chosen?.action);
  return action && first?.action === action.name && action.control === null ? action.label : null;
}

function View(props: FieldProps) {
  return props.question.field.kind === "decisions" ? (
    <Requests {...props} field={props.question.field} />
  ) : null;
}

function Requests({
  field,
  draft,
  readOnly,
  flaws,
  refused,
  id,
  labelledBy,
  describedBy,
  onDraft,
}: FieldProps & { field: DecisionsField }) {
  const { requests, shared } = field;
  const root = useRef<HTMLDivElement>(null);
  const decided = readDraft(draft, field);
  /** What was filled in for an action that is no longer chosen. */
  const kept = useRef(new Map<string, Json>());
  const toFill = useRef<string | null>(null);
  // Before the next key arrives, which would be lost.
  useLayoutEffect(() => {
    if (toFill.current) focusFill(root.current, toFill.current);
    toFill.current = null;
  });
  const change = (next: Decisions) => onDraft(writeDraft(next));
  const choose = (index: number, action: Action) => {
    const before = decided[index];
    if (readOnly || before?.action === action.name) return;
    if (before?.value !== undefined) kept.current.set(`${index} ${before.action}`, before.value);
    const value = kept.current.get(`${index} ${action.name}`) ?? startOf(action);
    change(decided.with(index, { action: action.name, value }));
  };
  const onKeyDown = keyed(root, requests, decided, (index, action) => {
    if (readOnly) return;
    if (decided[index]?.action === action.name) focusFill(root.current, idOf(id, index));
    else toFill.current = idOf(id, index);
    choose(index, action);
  });
  const several = requests.length > 1;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div ref={root} class="decisions" role="group" aria-labelledby={labelledBy} onKeyDown={onKeyDown}>
      {several && <Overview {...{ field, decided, readOnly }} onAll={change} />}
      {requests.map((request, index) => (
        <RequestCard
          key={index}
          {...{ request, index, several, shared, flaws, refused, readOnly, labelledBy, describedBy }}
          id={idOf(id, index)}
          decision={decided[index] ?? null}
          onChoose={(action) => choose(index, action)}
          onValue={(value) => change(decided.with(index, { action: decided[index]?.action ?? "", value }))}
        />
      ))}
    </div>
  );
}

/** The first request takes the focus where the question does. */
function idOf(id: string, index: number): string {
  return index === 0 ? id : `${id}-${index}`;
}

function focusFill(root: HTMLElement | null, request: string): void {
  const fill = root?.querySelector(`[id="${request}"] .fill-in`);
  fill?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
}

interface OverviewProps {
  field: DecisionsField;
  decided: Decisions;
  readOnly: boolean;
  onAll(decisions: Decisions): void;
}

/** How far it is, and one button for what every request can be answered with; what was decided stays. */
function Overview({ field: { requests }, decided, readOnly, onAll }: OverviewProps) {
  const count = decided.filter(Boolean).length;
  const action = commonAction(requests.map(({ actions }) => actions));
  const nothingToDo = readOnly || count === requests.length;
  const onClick = () => {
    if (action && !nothingToDo) onAll(decided.map((one) => one ?? { action: action.name, value: undefined }));
  };
  return (
    <div class="overview">
      <span role="status">{text.decided(count, requests.length)}</span>
      {action && (
        <button type="button" class="all" aria-disabled={nothingToDo} onClick={onClick}>
          <Shown text={count === 0 ? text.all(action.label) : text.rest(action.label)} />
        </button>
      )}
      <span class="hint keys">{text.keys}</span>
    </div>
  );
}

function commonAction([first = [], ...others]: Action[][]): Action | undefined {
  const simple = (action: Action) => action.look === "good" && action.control === null;
  return first.find(
    (one) =>
      simple(one) &&
      others.every((actions) => actions.some((other) => other.name === one.name && simple(other))),
  );
}
