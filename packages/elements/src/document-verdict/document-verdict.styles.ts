import { type CSSResult, css } from 'lit'

export const documentVerdictStyles: CSSResult = css`
  :host {
    max-inline-size: 46em;
  }
  .card {
    padding: 0;
    overflow: hidden;
  }
  .banner {
    display: flex;
    align-items: center;
    gap: 1em;
    padding: 1.25em;
  }
  .banner svg {
    inline-size: 2.75em;
    block-size: 2.75em;
    flex: none;
  }
  .banner h2 {
    margin: 0;
    font-size: 1.35em;
  }
  .banner p {
    margin: 0.15em 0 0;
    color: var(--_text);
  }
  .good {
    background: var(--_good-soft);
    color: var(--_good);
  }
  .unsure {
    background: var(--_warn-soft);
    color: var(--_warn);
  }
  .bad {
    background: var(--_bad-soft);
    color: var(--_bad);
  }
  .body {
    padding: 0.25em 1.25em 1.25em;
  }
  .file {
    margin: 0.75em 0 0;
    overflow-wrap: anywhere;
  }
  article {
    margin-block-start: 1em;
    padding: 1em;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
  }
  article header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5em;
  }
  h3 {
    margin: 0;
    font-size: 1em;
    overflow-wrap: anywhere;
  }
  .chip {
    padding: 0.1em 0.75em;
    border-radius: 1em;
    font-weight: 600;
  }
  dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 0.35em 1.25em;
    margin: 0.75em 0 0;
  }
  dt {
    color: var(--_text-soft);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  dd.bad,
  dd.unsure {
    justify-self: start;
    padding-inline: 0.5em;
    border-radius: 0.25em;
  }
  dd.good {
    background: none;
  }
  .label {
    margin: 0.75em 0 0.25em;
    color: var(--_text-soft);
  }
  ul {
    margin: 0;
    padding-inline-start: 1.25em;
  }
  .actions {
    margin: 1.25em 0 0;
  }
  @media (max-width: 30em) {
    dl {
      grid-template-columns: 1fr;
      gap: 0;
    }
    dd {
      margin-block-end: 0.5em;
    }
  }
`
