/** Decisions on one or several requests. */
import { useRef } from "preact/hooks";
import { Cap } from "../cap";
import { type Decisions, openIn, readDraft } from "../decisions/draft";
import { commonAction } from "../decisions/keys";
import { RequestCard } from "../decisions/request";
import { useDecisions } from "../decisions/use-decisions";
import type { Action, DecisionsField, Field } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { type FieldKind, type FieldProps, VALID, type Verdict } from "./base";

export const decisions: FieldKind = {
  View,
  code: true,
  editable: true,
  drafted: true,
  labels: () => false,
  checked: true,
  typed: true,
  button,
  check,
};

const text = strings.decisions;

/** Decisions of an interrupt can only be sent together. */
function check(draft: string): Verdict {
  const { undecided, unfinished } = openIn(draft);
  if (undecided > 0) return { kind: "open", hint: null };
  return unfinished ? { kind: "open", hint: text.unfinished } : VALID;
}

/** A single request is decided by the button of the decision, unless a text is filled in. */
function button(field: Field, draft: string): string | null {
  if (field.kind !== "decisions" || field.requests.length !== 1) return strings.question.resume;
  const [chosen] = readDraft(draft, field);
  const action = field.requests[0]?.actions.find(({ name }) => name === chosen?.action);
  return action?.control ? action.sends : null;
}

function View(props: FieldProps) {
  return props.question.field.kind === "decisions" ? (
    <Requests {...props} field={props.question.field} />
  ) : null;
}

function Requests(props: FieldProps & { field: DecisionsField }) {
  const { field, question, readOnly, flaws, refused, id, labelledBy, describedBy } = props;
  const { requests, shared } = field;
  const root = useRef<HTMLDivElement>(null);
  const { decided, current, armed, choose, fillIn, decideRest, onKeyDown, onFocusIn } = useDecisions(
    root,
    props,
  );
  const several = requests.length > 1;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div
      ref={root}
      class="decisions"
      role="group"
      aria-labelledby={labelledBy}
      onKeyDown={onKeyDown}
      onFocusIn={onFocusIn}
    >
      {several && <Overview {...{ field, decided, readOnly }} onRest={decideRest} />}
      {requests.map((request, index) => (
        <RequestCard
          key={index}
          {...{ request, index, several, shared, flaws, refused, readOnly, labelledBy, describedBy }}
          current={index === current}
          armed={index === armed}
          untitled={!several && request.title !== "" && question.prompt.includes(request.title)}
          id={index === 0 ? id : `${id}-${index}`}
          decision={decided[index] ?? null}
          onChoose={(action, sends) => choose(index, action, sends)}
          onValue={(value) => fillIn(index, value)}
        />
      ))}
    </div>
  );
}

interface OverviewProps {
  field: DecisionsField;
  decided: Decisions;
  readOnly: boolean;
  onRest(action: Action): void;
}

/** The progress, and a button for each action that every request offers; decisions stay. */
function Overview({ field: { requests }, decided, readOnly, onRest }: OverviewProps) {
  const count = decided.filter(Boolean).length;
  const action = commonAction(requests);
  const nothingToDo = readOnly || count === requests.length;
  return (
    <div class="overview">
      <span role="status">{text.decided(count, requests.length)}</span>
      {action && (
        <button
          type="button"
          class="all"
          aria-disabled={nothingToDo}
          aria-keyshortcuts={action.key ? `Shift+${action.key.toUpperCase()}` : undefined}
          onClick={() => nothingToDo || onRest(action)}
        >
          <Shown text={count === 0 ? text.all(action.label) : text.rest(action.label)} />
          {action.key && <Cap>⇧{action.key}</Cap>}
        </button>
      )}
      <span class="hint keys" aria-hidden="true">
        {text.keys}
      </span>
    </div>
  );
}
