import { type CSSResult, css } from 'lit'

export const cashierStyles: CSSResult = css`
  :host {
    max-inline-size: 46em;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: 0.5em;
    padding-block-end: 0.75em;
    border-block-end: 1px solid var(--_line);
  }
  h2 {
    margin: 0;
    font-size: 1.25em;
  }
  .status {
    padding: 0.1em 0.75em;
    border-radius: 1em;
    background: var(--_primary-soft);
    color: var(--_primary-strong);
    font-weight: 600;
  }
  .status.paid {
    background: var(--_good-soft);
    color: var(--_good);
  }
  .status.stopped {
    background: var(--_warn-soft);
    color: var(--_warn);
  }
  dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 0.35em 1.25em;
    margin: 1em 0;
  }
  dt {
    color: var(--_text-soft);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  caption {
    padding-block-end: 0.35em;
    color: var(--_text-soft);
    text-align: start;
  }
  th,
  td {
    padding: 0.5em 0;
    border-block-start: 1px solid var(--_line);
    font-weight: 400;
    text-align: start;
  }
  td {
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  tfoot td {
    color: var(--_primary-strong);
    font-size: 1.5em;
    font-weight: 700;
  }
  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: 0.75em;
    margin: 1.25em 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0;
    margin-block-end: 0.35em;
    color: var(--_text-soft);
  }
  .channel {
    display: inline-flex;
    align-items: center;
    gap: 0.6em;
    min-block-size: var(--_target);
    padding-inline: 1em;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    cursor: pointer;
  }
  .channel:has(:checked) {
    border-color: var(--_primary);
    background: var(--_primary-soft);
  }
  .channel input {
    inline-size: 1.2em;
    block-size: 1.2em;
    accent-color: var(--_primary);
  }
  .scan {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 1.5em;
    margin-block-start: 1.25em;
    padding: 1.25em;
    border-radius: var(--_radius);
    background: var(--_surface-soft);
  }
  .scan svg {
    inline-size: 13em;
    max-inline-size: 100%;
    block-size: auto;
    border-radius: var(--_radius);
    background: #fff;
  }
  .scan .side {
    display: grid;
    gap: 0.75em;
    justify-items: start;
    flex: 1 1 14em;
  }
  .scan p {
    margin: 0;
  }
  .timer {
    font-size: 1.25em;
    font-variant-numeric: tabular-nums;
  }
  a {
    color: var(--_primary);
  }
  .done {
    display: flex;
    align-items: center;
    gap: 0.75em;
    margin-block-start: 1.25em;
    padding: 1em;
    border-radius: var(--_radius);
    background: var(--_good-soft);
    color: var(--_good);
  }
  .done svg {
    inline-size: 2em;
    block-size: 2em;
    flex: none;
  }
`
