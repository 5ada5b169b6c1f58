// The page in the reader's language. English stands in the page, and in its script with a tag, as in
// say`Stop the answer to: ${text}`; Chinese stands here. What is missing is said in English.
"use strict";

const CHINESE = {
  "Assistant": "助手",
  "Conversation": "对话",
  "Hello. What is on your mind?": "你好，在想什么？",
  "Each answer comes word by word, all of them over one WebSocket. Ask again while one is still coming: they grow side by side. Stop any of them.":
    "每个回答都逐词到达，共用一条 WebSocket 连接。前一个还没答完，就可以再问：几个回答会同时变长，每一个都能单独停止。",
  "I am tired of polling": "我觉得轮询太累了",
  "My program waits for everything": "我的程序什么都要等",
  "To watch the messages: developer tools (F12), Network, WS, Messages.":
    "想看收发的消息：打开开发者工具（F12），依次选“网络”“WS”“消息”。",
  "Ask": "提问",
  "Your question": "你的问题",
  "Send": "发送",
  "sends,": "发送，",
  "stops the newest answer.": "停止最新的回答。",
  "Stop": "停止",
  "Stop the answer to: {}": "停止回答：{}",
  "Try now": "立即重试",

  "Connecting …": "正在连接……",
  "Connected": "已连接",
  "No connection. Next try in {} s": "没有连接，{} 秒后重试",
  "Closed by the server: {} {}": "服务器关闭了连接：{} {}",

  "Stopped": "已停止",
  "Failed": "失败",
  "Refused": "已拒绝",
  "Cut off": "中断",
  "the connection was lost": "连接断开",
  ": ": "：",
};

// `?lang=zh` in the address, or what the browser asks for.
const language = new URLSearchParams(location.search).get("lang") ?? navigator.language;
const isChinese = /^zh\b/i.test(language);

/** The words of a template, in the reader's language, with its values. */
const say = ({ raw: parts }, ...values) => {
  const english = parts.join("{}");
  return ((isChinese && CHINESE[english]) || english).replace(/\{\}/g, () => values.shift());
};

/** Translates what stands in the page. A template has a document of its own. */
const translate = (root) => {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const chinese = CHINESE[text.data.trim().replace(/\s+/g, " ")];
    if (chinese) text.data = text.data.replace(/\S(?:.*\S)?/s, chinese).replace(/(?<=[，。])\s+$/, "");
  }
  for (const element of root.querySelectorAll("*")) {
    for (const name of ["aria-label", "placeholder", "title"]) {
      const chinese = CHINESE[element.getAttribute(name)];
      if (chinese) element.setAttribute(name, chinese);
    }
    if (element.localName === "template") translate(element.content);
  }
};

if (isChinese) {
  document.documentElement.lang = "zh-CN";
  translate(document);
}
