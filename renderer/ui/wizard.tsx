import { Button } from "@blueprintjs/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { Glyph } from "./glyphs.tsx";
import "./wizard.css";

export interface WizardStep {
  title: string;
  /** What was chosen or found there, in a few words; shown once the step is done. */
  found?: string | undefined;
}

export interface WizardProps {
  steps: readonly WizardStep[];
  at: number;
  /** Back to a step that was done; none where going back is no longer possible. */
  onStep?: ((index: number) => void) | undefined;
  /** What was checked and what is needed, below the steps. */
  side?: ReactNode;
  heading: string;
  about?: ReactNode;
  children: ReactNode;
  /** Below the form: what would come of it. */
  preview?: ReactNode;
  /** Why the step's button cannot be pressed; it is said beside it. */
  problem?: string | undefined;
  /** Stands there where nothing is wrong. */
  note: string;
  /** Stands there while something runs. */
  progress?: ReactNode;
  /** The step's named button. */
  action: { text: string; run: () => void; busy?: boolean | undefined };
  /** Further buttons before it. */
  extra?: ReactNode;
  cancel?: { text: string; run: () => void } | undefined;
  /** The same on the command line. */
  command?: string | undefined;
  onCopyCommand?: (() => void) | undefined;
  /** Whether closing was asked for while something is typed. */
  asks: boolean;
  onKeep: () => void;
  onDiscard: () => void;
  /** Whether the step's controls are there. */
  isReady?: boolean | undefined;
  /** Something was entered. */
  onTouch: () => void;
}

const formControls = 'input:not(:disabled, [type="hidden"]), select:not(:disabled), textarea:not(:disabled), [data-first]';

/**
 * The frame of every wizard: steps and what was checked at left, the form right, what would come of it below. Ctrl+Enter presses the step's
 * button; a step that begins takes the focus to its first control.
 */
export function Wizard(props: WizardProps) {
  const { steps, at, problem, action, asks, isReady = true } = props;
  const main = useRef<HTMLFormElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step has a first control of its own
  useEffect(() => {
    const form = main.current;
    const chosen = form?.querySelector<HTMLElement>("input:checked") ?? form?.querySelector<HTMLElement>(formControls);
    (chosen ?? form?.querySelector<HTMLElement>("h3"))?.focus();
    form?.scrollTo(0, 0);
  }, [at, isReady]);
  const press = () => {
    if (problem === undefined && !action.busy && !asks) action.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    press();
  };
  return (
    <div className="wizard" onKeyDown={onKeyDown}>
      <div className="wizard-side">
        <ol aria-label="Steps">
          {steps.map((step, index) => (
            <Step key={step.title} step={step} index={index} at={at} onStep={props.onStep} />
          ))}
        </ol>
        {props.side}
      </div>
      <form
        ref={main}
        className="wizard-main"
        onChange={props.onTouch}
        onSubmit={(event) => {
          event.preventDefault();
          press();
        }}
      >
        <h3 tabIndex={-1}>
          {props.heading} {props.about && <span className="wizard-about">{props.about}</span>}
        </h3>
        {props.children}
        {props.preview && <div className="wizard-preview">{props.preview}</div>}
        {/* Enter in a field is the step's button, which stands outside the form. */}
        <button type="submit" className="visually-hidden" tabIndex={-1} aria-hidden>
          {action.text}
        </button>
      </form>
      <div className="wizard-foot">
        {asks ? (
          <Ask onKeep={props.onKeep} onDiscard={props.onDiscard} />
        ) : (
          <>
            {props.progress || (
              <p role="status" className={problem === undefined ? undefined : "wizard-problem"}>
                <Glyph state={problem === undefined ? "ok" : "warning"} /> {problem ?? props.note}
              </p>
            )}
            {props.command !== undefined && (
              <Button size="small" variant="minimal" text="Copy as command" title={props.command} onClick={() => props.onCopyCommand?.()} />
            )}
            {props.cancel && <Button text={props.cancel.text} onClick={props.cancel.run} />}
            {at > 0 && props.onStep && <Button text="Back" disabled={action.busy ?? false} onClick={() => props.onStep?.(at - 1)} />}
            {props.extra}
            <Button
              intent="primary"
              text={action.text}
              loading={action.busy ?? false}
              disabled={problem !== undefined}
              aria-keyshortcuts="Control+Enter"
              onClick={press}
            />
          </>
        )}
      </div>
    </div>
  );
}

function Step({ step, index, at, onStep }: { step: WizardStep; index: number; at: number; onStep: WizardProps["onStep"] }) {
  const state = index < at ? "done" : index === at ? "current" : "later";
  const text = (
    <>
      <i aria-hidden>{state === "done" ? "✓" : index + 1}</i>
      <span>
        {step.title}
        {state !== "later" && step.found && <small>{step.found}</small>}
      </span>
    </>
  );
  return (
    <li className={`is-${state}`} aria-current={state === "current" ? "step" : undefined}>
      {state === "done" && onStep ? (
        <button type="button" onClick={() => onStep(index)}>
          {text}
        </button>
      ) : (
        <div>{text}</div>
      )}
    </li>
  );
}

function Ask({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <>
      <p role="alert">
        <Glyph state="warning" /> What you entered here will be lost.
      </p>
      <Button text="Discard it" onClick={onDiscard} />
      <Button intent="primary" text="Keep editing" autoFocus onClick={onKeep} />
    </>
  );
}
