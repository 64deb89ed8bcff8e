/** The payer's page behind a `code_url`, as a telephone shows it: amount, payee, one button. Works without JavaScript. */
import { fen, formatYuan } from '@zhicheng/core'
import { escapeHtml } from '../../lib/login-page.ts'
import type { WechatOrder } from './orders.ts'

const states = {
  NOTPAY: '待支付',
  SUCCESS: '支付成功',
  CLOSED: '订单已关闭',
} as const

/** The page of an order. */
export function formatPaymentPage(order: WechatOrder): string {
  const { request, state, paidAt, transactionId } = order
  const rows: [string, string | undefined][] = [
    ['收款方', '样例单位'],
    ['商品', request.description],
    ['商户订单号', request.out_trade_no],
    ['交易单号', transactionId],
    ['支付时间', paidAt?.replace('T', ' ').replace('+08:00', '')],
  ]
  const list = rows
    .filter((row): row is [string, string] => row[1] !== undefined)
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('\n')
  return page(
    states[state],
    `<p class="state ${state.toLowerCase()}" role="status">${states[state]}</p>
<p class="amount"><small>¥</small>${formatYuan(fen(request.amount.total))}</p>
<dl>
${list}
</dl>
${state === 'NOTPAY' ? '<form method="post"><button>确认支付</button></form>' : ''}`,
  )
}

/** The page for a code that leads nowhere. */
export function formatUnknownPage(): string {
  return page('二维码已失效', '<p class="state closed" role="status">二维码已失效</p><p>请回到收银台重新获取。</p>')
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - 微信支付（沙箱）</title>
<style>
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:#ededed;color:#191919;font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
header{padding:1rem;text-align:center;font-weight:600}header small{margin-left:.5rem;padding:.1rem .45rem;border:1px solid #8a5a00;border-radius:.25rem;color:#8a5a00;font-size:.75rem;font-weight:400}
main{width:min(100% - 2rem,26rem);margin:0 auto;padding:2rem 1.5rem;background:#fff;border-radius:.75rem;text-align:center}
p{margin:0}.state{color:#595959}.state.success{color:#067a45;font-weight:600}.state.closed{color:#b42318;font-weight:600}
.amount{margin:.25rem 0 1.5rem;font-size:2.75rem;font-weight:600;line-height:1.2;font-variant-numeric:tabular-nums}.amount small{margin-right:.2rem;font-size:1.5rem}
dl{margin:0 0 1.75rem;padding-top:1rem;border-top:1px solid #ededed;text-align:left}dl div{display:flex;gap:1rem;padding:.3rem 0}dt{flex:none;width:5.5rem;color:#595959}dd{margin:0;overflow-wrap:anywhere}
button{width:100%;padding:.85rem;border:0;border-radius:.5rem;background:#067a45;color:#fff;font:inherit;font-weight:600;cursor:pointer}button:focus-visible{outline:3px solid #191919;outline-offset:2px}
footer{margin-top:auto;padding:1.5rem 1rem;color:#595959;font-size:.8rem;text-align:center}
</style>
</head>
<body>
<header>微信支付<small>测试专用</small></header>
<main>
${body}
</main>
<footer>本页由本机演示平台提供，不会产生真实扣款。</footer>
</body>
</html>
`
}
