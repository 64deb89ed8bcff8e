/** 中文错误文本: what a person reads for each code of this package. */
import type { CryptoErrorCode } from './errors.ts'

/** One sentence per code: what happened and what to do. */
export const cryptoMessages: Readonly<Record<CryptoErrorCode, string>> = {
  ERR_DER_INVALID: '数据不是合法的 DER 编码，请确认文件完整且未被改动。',
  ERR_PEM_INVALID: '文本不是合法的 PEM，请检查起止行与内容。',
  ERR_CRYPTO_UNSUPPORTED: '当前运行环境或本软件不支持该算法，请换用受支持的算法或在服务端执行。',
  ERR_CRYPTO_HASH_FINISHED: '摘要已经取出，不能继续输入；请新建一个摘要对象。',
  ERR_CRYPTO_KEY_INVALID: '密钥内容不合法（格式有误或公钥点不在曲线上），请更换密钥。',
  ERR_CRYPTO_KEY_WEAK: '密钥长度过短，不安全；请更换为不短于 2048 位的 RSA 密钥或 SM2 密钥。',
  ERR_CRYPTO_KEY_MISMATCH: '私钥与证书不是一对，请检查密钥与证书文件是否配套。',
  ERR_CRYPTO_PASSWORD_REQUIRED: '私钥已加密，请提供口令。',
  ERR_CRYPTO_PASSWORD_WRONG: '口令不正确，或密钥文件已损坏。',
  ERR_CRYPTO_SHA1_REFUSED: 'SHA-1 签名已不安全，默认拒绝；确需核验旧文件时请显式允许。',
  ERR_CRYPTO_SIGNATURE_INVALID: '刚生成的签名未通过自检，已丢弃；请检查密钥与证书。',
  ERR_CERTIFICATE_INVALID: '证书内容不合法，请向证书签发机构重新获取。',
  ERR_CERTIFICATE_REQUEST_INVALID: '证书请求不合法或其签名不成立，请重新生成。',
  ERR_PKCS12_INVALID: 'PKCS#12 文件不能使用：内容损坏，或其中没有可用的私钥与证书。',
  ERR_CRL_INVALID: '证书吊销列表内容不合法，请从签发机构重新下载。',
  ERR_CMS_INVALID: '签名数据不是合法的 CMS 签名消息，请确认文件完整且未被改动。',
  ERR_CMS_DIGEST_MISMATCH: '给出的摘要与算法或内容不符，未生成签名；请核对摘要算法与内容。',
  ERR_CMS_ALGORITHM_MISMATCH: '摘要算法与签名算法不配套，请换用与签名密钥相配的摘要算法。',
  ERR_TIMESTAMP_INVALID: '时间戳内容不合法或其签名不成立，请更换时间戳服务后重试。',
  ERR_TIMESTAMP_REFUSED: '时间戳服务拒绝了请求，请根据返回的状态检查请求参数或联系服务方。',
  ERR_TIMESTAMP_MISMATCH: '时间戳不是为本次请求签发的（摘要或随机数不符），已拒收。',
  ERR_TIMESTAMP_SIGNER: '时间戳签发证书必须带有关键的、唯一的“时间戳”扩展用途，请更换证书。',
}
