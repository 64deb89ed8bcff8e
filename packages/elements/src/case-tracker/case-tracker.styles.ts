import { type CSSResult, css } from 'lit'

export const caseTrackerStyles: CSSResult = css`
  :host {
    max-inline-size: 46em;
  }
  h2 {
    margin: 0 0 0.25em;
    font-size: 1.25em;
  }
  h3 {
    margin: 1.5em 0 0.5em;
    font-size: 1em;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25em 1.5em;
    margin: 0;
  }
  .facts div {
    display: flex;
    gap: 0.5em;
  }
  dt {
    flex: none;
    color: var(--_text-soft);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .due {
    margin: 1em 0 0;
    padding: 0.6em 1em;
    border-radius: var(--_radius);
    background: var(--_primary-soft);
    color: var(--_primary-strong);
  }
  .due.overdue {
    background: var(--_bad-soft);
    color: var(--_bad);
  }
  .due small {
    display: block;
    font-size: 0.875em;
  }
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  ol li {
    position: relative;
    display: grid;
    grid-template-columns: 2.25em 1fr;
    padding-block-end: 1.25em;
  }
  ol li:not(:last-child)::before {
    content: "";
    position: absolute;
    inset-block: 1.6em 0;
    inset-inline-start: calc(0.8em - 1px);
    border-inline-start: 2px solid var(--_line);
  }
  ol li.done:not(:last-child)::before {
    border-color: var(--_good);
  }
  .mark {
    display: grid;
    place-items: center;
    inline-size: 1.6em;
    block-size: 1.6em;
    border: 2px solid var(--_line);
    border-radius: 50%;
    background: var(--_surface);
    font-size: 1em;
    line-height: 1;
  }
  .done .mark {
    border-color: var(--_good);
    background: var(--_good);
    color: #fff;
  }
  .current .mark {
    border-color: var(--_primary);
    background: var(--_primary);
    color: #fff;
  }
  .stopped .mark {
    border-color: var(--_bad);
    background: var(--_bad);
    color: #fff;
  }
  .current .name {
    color: var(--_primary-strong);
    font-weight: 700;
  }
  .waiting .name {
    color: var(--_text-soft);
  }
  .step .meta {
    color: var(--_text-soft);
    font-size: 0.9375em;
  }
  ul {
    display: grid;
    gap: 0.5em;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  ul .button {
    justify-content: start;
    inline-size: 100%;
  }
  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
    margin: 0 0 1em;
    padding: 0;
    border: 0;
  }
  form {
    margin-block-start: 1.5em;
  }
  legend {
    padding: 0;
    margin: 0 0 0.5em;
    font-weight: 700;
  }
  .level {
    display: inline-flex;
    align-items: center;
    gap: 0.5em;
    min-block-size: var(--_target);
    padding-inline: 0.9em;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    cursor: pointer;
  }
  .level:has(:checked) {
    border-color: var(--_primary);
    background: var(--_primary-soft);
  }
  .level input {
    inline-size: 1.2em;
    block-size: 1.2em;
    accent-color: var(--_primary);
  }
`
