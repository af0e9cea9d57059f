/** A request: the call, the possible decisions, and the fields to fill in. */

import { useContext, useMemo } from "preact/hooks";
import { Cap } from "../cap";
import { Contents } from "../contents";
import { ControlView } from "../controls";
import { isEmpty, type Json, write } from "../json";
import type { Action, Content, Control, Flaw, Request } from "../protocol";
import { DontAskAgain, RuledBy } from "../rules";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";
import { type Decision, read, startOf } from "./draft";
import { Edited, useEdits } from "./edited";
import { RulesOf } from "./ruled";

const text = strings.decisions;

interface Props {
  request: Request;
  /** The place of the request in the draft. */
  index: number;
  /** Whether there are others. */
  several: boolean;
  /** Whether Tab leads to the request: of several to a single request, and arrows or letters lead to the rest. */
  current: boolean;
  /** Whether the question names the request already. */
  untitled: boolean;
  decision: Decision | null;
  shared: Record<string, Control>;
  flaws: readonly Flaw[];
  refused: boolean;
  readOnly: boolean;
  /** Whether Enter once more sends a line in which nothing is written. */
  armed: boolean;
  id: string;
  /** Names a request without a title. */
  labelledBy: string;
  describedBy: string | undefined;
  /** `sends`: the draft is sent unchanged. */
  onChoose(action: Action, sends?: boolean): void;
  onValue(value: Json): void;
}

export function RequestCard(props: Props) {
  const { request, index, several, current, decision, readOnly, id, describedBy, onChoose } = props;
  const ruled = useContext(RulesOf)?.ruled.find(({ request }) => request === index);
  const chosen = request.actions.find(({ name }) => name === decision?.action);
  const start = useMemo(() => chosen && startOf(chosen), [chosen]);
  const edits = useEdits(start, decision?.value);
  const isEdit = start !== undefined && !isEmpty(start);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div
      id={id}
      class={decision ? "request decided" : "request"}
      role="group"
      tabIndex={several && current ? 0 : -1}
      data-request={index}
      data-keys
      {...nameOf(props)}
      aria-describedby={describedBy}
    >
      <Head {...props} isChanged={edits.length > 0} />
      <Shows shows={request.shows} folded={isEdit} />
      {ruled ? (
        <RuledBy
          {...{ ruled, request, readOnly }}
          onSend={several || !chosen ? null : () => onChoose(chosen, true)}
        />
      ) : (
        <>
          <Choices
            {...{ request, several, chosen, readOnly, onChoose }}
            tabIndex={several && !current ? -1 : 0}
          />
          {chosen?.control && <Fill {...props} action={chosen} control={chosen.control} />}
          <Edited edits={edits} />
          <DontAskAgain {...{ request, index, readOnly }} />
        </>
      )}
    </div>
  );
}

function nameOf({ request, index, several, untitled, id, labelledBy }: Props) {
  if (request.title && !untitled) return { "aria-labelledby": `${id}-title` };
  if (request.title) return { "aria-label": shownText(request.title) };
  return several ? { "aria-label": text.number(index + 1) } : { "aria-labelledby": labelledBy };
}

function Head({ request, index, several, untitled, id, isChanged }: Props & { isChanged: boolean }) {
  const isTitled = request.title !== "" && !untitled;
  if (!several && !isTitled) return null;
  return (
    <p class="request-head">
      {several && <span class="place">{index + 1}</span>}
      <span id={`${id}-title`} class="request-title" dir="auto">
        <Shown text={request.title} />
      </span>
      {isChanged && <span class="badge changed">{text.changed}</span>}
    </p>
  );
}

/** The edited members stand in the form; the description stays in sight. */
function Shows({ shows, folded }: { shows: Content[]; folded: boolean }) {
  if (!folded) return <Contents shows={shows} />;
  const said = shows.filter(({ kind }) => kind === "prose");
  const rest = shows.filter(({ kind }) => kind !== "prose");
  return (
    <>
      <Contents shows={said} />
      {rest.length > 0 && (
        <details class="proposed">
          <summary>{text.proposed}</summary>
          <Contents shows={rest} />
        </details>
      )}
    </>
  );
}

interface ChoicesProps {
  request: Request;
  several: boolean;
  chosen: Action | undefined;
  readOnly: boolean;
  tabIndex: number;
  onChoose(action: Action): void;
}

/** A button each. The letters are seen, and work, while the focus is in the card. */
function Choices({ request, several, chosen, readOnly, tabIndex, onChoose }: ChoicesProps) {
  const { title, actions } = request;
  const isFilled = chosen?.control != null; // then another button sends
  const primary =
    several || isFilled ? undefined : actions.find(({ look, control }) => look === "good" && !control);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div class="verdicts" role="group" aria-label={shownText(text.decision(title))}>
      {actions.map((action) => (
        <button
          key={action.name}
          type="button"
          class={`verdict decision-${action.look}${action === primary ? " primary" : ""}`}
          tabIndex={tabIndex}
          aria-pressed={action === chosen}
          aria-disabled={readOnly}
          aria-keyshortcuts={action.key || undefined}
          onClick={() => readOnly || onChoose(action)}
        >
          <Shown text={action.label} />
          {action.key && <Cap>{action.key}</Cap>}
        </button>
      ))}
    </div>
  );
}

interface FillProps extends Props {
  action: Action;
  control: Control;
}

function Fill(props: FillProps) {
  const { request, action, control, index, decision, shared, flaws, refused, readOnly, armed, id, onValue } =
    props;
  const asks = action.asks || action.label;
  return (
    <div class="fill-in">
      {action.asks && (
        <label class="asks" for={`${id}-fill`}>
          <Shown text={action.asks} />
        </label>
      )}
      <ControlView
        key={action.name}
        control={control}
        shared={shared}
        text={write(decision?.value ?? null)}
        original={action.start}
        onText={(value) => onValue(read(value))}
        flaws={flaws}
        path={[String(index), "value"]}
        all={refused}
        readOnly={readOnly}
        label={shownText(request.title ? `${asks}: ${request.title}` : asks)}
        id={`${id}-fill`}
      />
      <p class="hint once-more" role="status">
        {armed ? text.onceMore : ""}
      </p>
    </div>
  );
}
