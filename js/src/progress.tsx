/**
 * The progress of the run: open while the run works, otherwise a line in the technical part of the card.
 *
 * Only this panel reads `store.progress`: an update draws this panel and no editor. The panel is not a live
 * region, because a screen reader would read every token; the status of the card is a live region.
 */
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { isWorking } from "./header";
import { Icon, type Shape } from "./icons";
import type { Bar, Progress, Spoken, StepEntry } from "./protocol";
import { Shown, shownText } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

const text = strings.progress;

export function ProgressPanel({ store }: { store: Store }) {
  const progress = store.progress.value;
  if (!progress || isEmpty(progress) || !isWorking(store)) return null;
  return (
    <section class="progress working" aria-label={text.title}>
      <Body progress={progress} working />
    </section>
  );
}

/** The progress after the run has stopped working. */
export function ProgressDetails({ store }: { store: Store }) {
  const progress = store.progress.value;
  if (!progress || isEmpty(progress) || isWorking(store)) return null;
  if (isOneStep(progress)) return null; // the card tells as much without the details
  return (
    <details class="progress">
      <summary>
        <Shown text={summaryOf(progress)} />
      </summary>
      <Body progress={progress} working={false} />
    </details>
  );
}

function isEmpty({ steps, bars, events, spoken, log }: Progress): boolean {
  return [steps, bars, events, spoken, log].every(({ length }) => length === 0);
}

function isOneStep(progress: Progress): boolean {
  const [only, ...others] = progress.steps;
  return only?.runs === 1 && others.length === 0 && isEmpty({ ...progress, steps: [] });
}

function summaryOf({ steps }: Progress): string {
  const often = steps.filter(({ runs }) => runs > 1).map(({ node, runs }) => `${node} ${text.times(runs)}`);
  return [steps.length > 0 ? text.count(steps.length) : text.title, ...often].join(" · ");
}

function Body({ progress, working }: { progress: Progress; working: boolean }) {
  const { steps, bars, spoken, events, log } = progress;
  const again = steps.flatMap((step) => (step.again ? [step.node] : []));
  return (
    <div class="progress-body">
      <Steps steps={steps} working={working} />
      {again.length > 0 && (
        <p class="hint" dir="auto">
          <Shown text={text.again(again.join(", "))} />
        </p>
      )}
      <Bars bars={bars} />
      {spoken.map((one, index) => (
        <SpokenText key={index} spoken={one} />
      ))}
      {events.length > 0 && <Lines label={text.events} lines={events.join("\n")} />}
      {log !== "" && (working ? <Lines label={text.log} lines={log} raw /> : <ClosedLog log={log} />)}
    </div>
  );
}

function Steps({ steps, working }: { steps: StepEntry[]; working: boolean }) {
  if (steps.length === 0) return null;
  return (
    <ol class="steps" aria-label={text.steps}>
      {steps.map((step) => (
        <li key={step.node} class={`step step-${step.state}`}>
          <Icon shape={shapeOf(step, working)} />
          <span>
            <Shown text={step.node} />
          </span>
          {step.runs > 1 && (
            <span class="runs" title={text.ran(step.runs)}>
              <span aria-hidden="true">{text.times(step.runs)}</span>
              <span class="unseen">{`, ${text.ran(step.runs)}`}</span>
            </span>
          )}
          <span class="unseen">{`, ${text.states[step.state]}`}</span>
        </li>
      ))}
    </ol>
  );
}

/** The icon turns only while the run works: not after a stop, and not without a kernel. */
function shapeOf({ state }: StepEntry, working: boolean): Shape {
  if (state !== "running") return state;
  return working ? "working" : "still";
}

function Bars({ bars }: { bars: Bar[] }) {
  if (bars.length === 0) return null;
  return (
    <div class="bars">
      {bars.map((bar, index) => (
        <BarLine key={index} bar={bar} />
      ))}
    </div>
  );
}

function BarLine({ bar: { label, done, total } }: { bar: Bar }) {
  const id = useId();
  return (
    <div class="bar">
      <label for={id} dir="auto">
        <Shown text={label} />
      </label>
      {total === null ? <progress id={id} /> : <progress id={id} value={done} max={total} />}
      <span class="amount" dir="auto">
        {amountOf(done, total)}
      </span>
    </div>
  );
}

/** The amount in words; a total of 1 means a share. */
function amountOf(done: number, total: number | null): string {
  if (total === 1) return done.toLocaleString(undefined, { style: "percent" });
  return total === null ? tidy(done) : text.amount(tidy(done), tidy(total));
}

function tidy(value: number): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: 2 });
}

function SpokenText({ spoken: { node, text: said } }: { spoken: Spoken }) {
  return <Lines label={text.says(node)} lines={said} prose />;
}

function ClosedLog({ log }: { log: string }) {
  return (
    <details>
      <summary>{text.log}</summary>
      <Tail label={text.log} lines={log} raw />
    </details>
  );
}

interface LinesProps {
  label: string;
  lines: string;
  prose?: boolean;
  /** Whether the text has terminal codes, as printed by a node. */
  raw?: boolean;
}

function Lines(props: LinesProps) {
  return (
    <div class="lines">
      <p class="label" dir="auto">
        <Shown text={props.label} />
      </p>
      <Tail {...props} />
    </div>
  );
}

/** Shows the end, and follows new text unless a person has scrolled up to read. */
function Tail({ label, lines, prose = false, raw = false }: LinesProps) {
  const element = useRef<HTMLPreElement | null>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (element.current && follows.current) element.current.scrollTop = element.current.scrollHeight;
  }, [lines]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is not for text
    <pre
      ref={element}
      class={prose ? "tail prose" : "tail"}
      dir="auto"
      role="group"
      aria-label={shownText(label)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: at }) => {
        follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < 8;
      }}
    >
      {raw ? lines : <Shown text={lines} />}
    </pre>
  );
}
