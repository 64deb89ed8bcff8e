import { defineConfig } from 'vitepress'

export default defineConfig({
  lang: 'zh-CN',
  title: 'Zhicheng 支撑',
  description: 'The application-support layer of a digital government',
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: '故事', link: '/licence-story' },
      { text: '架构', link: '/architecture' },
    ],
    sidebar: [
      { text: '从一张许可证开始', link: '/licence-story' },
      { text: '架构', link: '/architecture' },
      { text: '命令行', link: '/command-line' },
    ],
  },
})
