/** The text that everything made with a test key carries. */
export const testNotice = '测试专用'
