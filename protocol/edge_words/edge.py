"""What an edge says of itself: its outbox, messages, set-up and certificate; and of messages that nobody can use. English to Chinese."""

EDGE: dict[str, str] = {
    "what could be read was saved; see the note beside the old file": "能读出的已保存；详见旧文件旁的说明",
    "the server fell behind what is kept here": "服务器的进度落在网关所保留的数据之前",
    "signed by another key": "由其他密钥签名",
    "a kind of message this release does not know": "本版本不认识的消息类型",
    "message too large": "消息过大",
    "a message begins with its signature": "消息应以签名开头",
    "a version of the messages that this release does not know: update this side": "本版本不认识的消息版本：请升级服务器",
    "a batch is not written the one way it is written": "批次的写法不合规范",
    "the batch's numbers and rows do not agree": "批次的编号与记录不符",
    "the rows do not lead to the batch's head": "记录推不出批次的链头",
    "damaged on the way (its checksum differs)": "传输中损坏（校验和不符）",
    "no zstd frame": "不是 zstd 帧",
    "the signature does not match": "签名不匹配",
    "this edge does not belong on that shard": "此网关不属于该分片",
    "an encoding is json or zst": "编码只能是 json 或 zst",
    "a topic is up/<shard>/<edge>/<kind>/<encoding> or dn/<edge>/<kind>/<encoding>": (
        "主题应为 up/<shard>/<edge>/<kind>/<encoding> 或 dn/<edge>/<kind>/<encoding>"
    ),
    "version {version}: {reason}": "版本 {version}：{reason}",
    "{version} did not come up at {at}: {reason}; {instead} runs": "{version} 于 {at} 未能启动：{reason}；现运行 {instead}",
    "The server cannot answer now ({status}); nothing is lost. Try again in a minute.": (
        "服务器暂时无法应答（{status}）；没有丢失任何东西。请一分钟后重试。"
    ),
    "{address} answers {status} and is no Clockbridge server: copy the line again from the page of the edge.": (
        "{address} 返回 {status}，不是 Clockbridge 服务器：请从网关页面重新复制整行命令。"
    ),
    "{address} cannot be reached ({problem}): check address, cable, network and firewall, then try again.": (
        "无法连接 {address}（{problem}）：请检查地址、网线、网络和防火墙，然后重试。"
    ),
    "The certificate of {address} is not in force by this machine's clock ({problem}): set the clock first.": (
        "按网关时钟，{address} 的证书不在有效期内（{problem}）：请先校准网关时钟。"
    ),
    "two terminals have the {what} {name}": "两台考勤机的{what}都是 {name}",
    "serial number": "序列号",
    "the disk does not take it ({problem})": "磁盘无法写入（{problem}）",
    "{name} is no time zone": "{name} 不是时区",
    "terminal {serial}: {fields} cannot be used by this release": "考勤机 {serial}：本版本不支持 {fields}",
    "data_dir: {file} cannot be read or written ({problem}): give this user the right to do so.": (
        "data_dir：{file} 无法读写（{problem}）：请给予该用户相应权限。"
    ),
    "this topic is not ours": "这个主题不是发给本网关的",
    "a kind of message that no edge takes": "网关不接收的消息类型",
    "signed for another edge": "签发给其他网关",
    "its description is missing": "缺少说明",
    "rows are missing in the middle": "中间缺少记录",
    "its numbers do not agree": "编号不一致",
    "row {number} does not continue the chain": "第 {number} 行接不上链",
    "row {n} is missing": "缺少第 {n} 行",
    "mark {mark} is not within 0 and {high}": "标记 {mark} 不在 0 至 {high} 之间",
    "the server refused its epoch": "服务器拒绝其纪元",
    "the server refused the epoch": "服务器拒绝该纪元",
    "the server has rows up to {mark}, here are {number}": "服务器有到 {mark} 的记录，这里有 {number}",
    "this outbox was set back": "待发队列曾被回退",
    "the server has another row {number} than here": "服务器的第 {number} 行与这里不同",
    "tried again": "已重试",
    "damaged: {reason}": "已损坏：{reason}",
    "no punch row: {reason}": "不是打卡记录：{reason}",
    "{name} is no edge name: use 1 to 63 of a-z, 0-9 and inner hyphens": "{name} 不是网关名称：请用 1 至 63 个 a-z、0-9 和中间的连字符",
    "an epoch is 32 lower-case hex digits": "纪元为 32 位小写十六进制数",
    "a wall time is written YYYY-MM-DD hh:mm:ss": "当地时间写作 YYYY-MM-DD hh:mm:ss",
    "this is no key to seal for": "这不是可用于加密的密钥",
    "this was sealed for another reader or purpose, or was changed": "内容是为其他接收者或用途加密的，或被改动过",
    "this is no PEM public key": "不是 PEM 公钥",
    "this is no Ed25519 public key": "不是 Ed25519 公钥",
    "this is no PEM private key": "不是 PEM 私钥",
    "this is no Ed25519 private key": "不是 Ed25519 私钥",
    "this is no signature of an update": "不是更新包的签名",
    "the file is not the one that was signed": "文件不是签名的那个",
    "another server signed it": "由其他服务器签名",
    "what was sealed is no content of this kind": "加密内容不是这一类型",
    "this is no token": "这不是令牌",
    "this is no whole token": "令牌不完整",
    "unknown-edge": "未知网关",
    "wrong-shard": "分片错误",
    "undecodable": "无法解码",
    "bad-signature": "签名无效",
    "bad-chain": "哈希链断裂",
    "epoch-refused": "纪元被拒",
    "storage": "存储故障",
    "no receipt": "没有回执",
}
