import { type CSSResult, css } from 'lit'

export const loginButtonStyles: CSSResult = css`
  :host {
    display: inline-block;
    position: relative;
  }
  .user {
    max-inline-size: min(16em, 100%);
  }
  .user .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .avatar {
    flex: none;
    display: inline-grid;
    place-items: center;
    inline-size: 1.75em;
    block-size: 1.75em;
    border-radius: 50%;
    background: var(--_primary);
    color: #fff;
  }
  .panel {
    position: absolute;
    inset-inline-end: 0;
    inset-block-start: calc(100% + 8px);
    z-index: 20;
    min-inline-size: max(100%, 17em);
    padding: 0.75em;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 1.5);
    background: var(--_surface);
    box-shadow: 0 8px 28px rgb(20 40 80 / 16%);
  }
  .panel p {
    margin: 0 0 0.5em;
    padding-inline: 0.5em;
  }
  ul {
    display: grid;
    gap: 0.5em;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .panel .button {
    inline-size: 100%;
  }
`
