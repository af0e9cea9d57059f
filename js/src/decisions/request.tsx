/** One request: what is asked for, what can be decided, and what there is to fill in. */
import { useMemo } from "preact/hooks";
import { Contents } from "../contents";
import { ControlView } from "../controls";
import { isEmpty, type Json, write } from "../json";
import type { Action, Content, Control, Flaw, Request } from "../protocol";
import { Shown, shownText } from "../shown";
import { strings } from "../strings";
import { type Decision, read, startOf } from "./draft";
import { Edited, useEdits } from "./edited";

const text = strings.decisions;

interface Props {
  request: Request;
  /** Where it stands in the draft. */
  index: number;
  /** Whether there are others. */
  several: boolean;
  decision: Decision | null;
  shared: Record<string, Control>;
  flaws: readonly Flaw[];
  refused: boolean;
  readOnly: boolean;
  id: string;
  /** Names it where it has no title. */
  labelledBy: string;
  describedBy: string | undefined;
  onChoose(action: Action): void;
  onValue(value: Json): void;
}

export function RequestCard(props: Props) {
  const { request, index, several, decision, readOnly, id, labelledBy, describedBy, onChoose } = props;
  const chosen = request.actions.find(({ name }) => name === decision?.action);
  const start = useMemo(() => chosen && startOf(chosen), [chosen]);
  const edits = useEdits(start, decision?.value);
  const isEdit = start !== undefined && !isEmpty(start);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a border and a legend along
    <div
      id={id}
      class="request"
      role="group"
      tabIndex={-1}
      data-request={index}
      aria-labelledby={request.title ? `${id}-title` : several ? undefined : labelledBy}
      aria-label={request.title || !several ? undefined : text.number(index + 1)}
      aria-describedby={describedBy}
    >
      {(several || request.title) && (
        <p class="request-head">
          {several && <span class="place">{index + 1}</span>}
          <span id={`${id}-title`} class="request-title" dir="auto">
            <Shown text={request.title} />
          </span>
          {edits.length > 0 && <span class="badge changed">{text.changed}</span>}
          {several && <Badge action={chosen} />}
        </p>
      )}
      <Shows shows={request.shows} folded={isEdit} />
      <Choices {...{ request, chosen, readOnly, onChoose }} name={`${id}-action`} />
      {chosen?.control && <Fill {...props} action={chosen} control={chosen.control} />}
      <Edited edits={edits} />
    </div>
  );
}

/** What is edited stands in the form; what is said of it stays in sight. */
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

function Badge({ action }: { action: Action | undefined }) {
  return (
    <span class={`badge decision-${action?.look ?? "none"}`}>
      {action ? <Shown text={action.label} /> : text.undecided}
    </span>
  );
}

interface ChoicesProps {
  request: Request;
  chosen: Action | undefined;
  readOnly: boolean;
  name: string;
  onChoose(action: Action): void;
}

/** Radio buttons that look like buttons: one stop for Tab, arrows between them. */
function Choices({ request: { title, actions }, chosen, readOnly, name, onChoose }: ChoicesProps) {
  return (
    <div class="verdicts" role="radiogroup" aria-label={shownText(text.decision(title))}>
      {actions.map((action) => (
        <label key={action.name} class={`verdict decision-${action.look}`}>
          <input
            type="radio"
            name={name}
            checked={action === chosen}
            disabled={readOnly && action !== chosen}
            aria-keyshortcuts={action.key || undefined}
            onChange={() => onChoose(action)}
          />
          <Shown text={action.label} />
          {action.key && <kbd>{action.key}</kbd>}
        </label>
      ))}
    </div>
  );
}

interface FillProps extends Props {
  action: Action;
  control: Control;
}

function Fill({
  request,
  action,
  control,
  index,
  decision,
  shared,
  flaws,
  refused,
  readOnly,
  id,
  onValue,
}: FillProps) {
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
    </div>
  );
}
