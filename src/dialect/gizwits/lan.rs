//! Commands of the local network: UDP 12414 and TCP 12416, in the frames that the cloud has too (GAgent, `lan.h`).
//!
//! Bodies are told only as far as a source has them; the others are shown as bytes.

use crate::base::lang::Text;

/// The commands, with what they are.
pub const COMMANDS: [(u16, Text); 22] = [
    (0x0001, Text::new("LAN: on-boarding", "局域网：配网")),
    (0x0002, Text::new("LAN: on-boarding answer", "局域网：配网应答")),
    (0x0003, Text::new("LAN: discovery", "局域网：设备发现")),
    (0x0004, Text::new("LAN: discovery answer", "局域网：设备发现应答")),
    (0x0005, Text::new("LAN: device started", "局域网：设备上电广播")),
    (0x0006, Text::new("LAN: passcode query", "局域网：查询 passcode")),
    (0x0007, Text::new("LAN: passcode", "局域网：passcode 应答")),
    (0x0008, Text::new("LAN: login", "局域网：登录")),
    (0x0009, Text::new("LAN: login answer", "局域网：登录应答")),
    (0x000a, Text::new("LAN: version query", "局域网：查询版本")),
    (0x000b, Text::new("LAN: version", "局域网：版本应答")),
    (0x000c, Text::new("LAN: hot-spot query", "局域网：查询热点")),
    (0x000d, Text::new("LAN: hot-spots", "局域网：热点列表")),
    (0x000e, Text::new("LAN: serial configuration", "局域网：串口配置")),
    (0x0013, Text::new("LAN: information query", "局域网：查询设备信息")),
    (0x0014, Text::new("LAN: information", "局域网：设备信息应答")),
    (0x0015, Text::new("LAN: ping", "局域网：心跳")),
    (0x0016, Text::new("LAN: pong", "局域网：心跳应答")),
    (0x0017, Text::new("LAN: test", "局域网：测试")),
    (0x0018, Text::new("LAN: test answer", "局域网：测试应答")),
    (0x0019, Text::new("LAN: broadcast while on-boarding", "局域网：配网广播")),
    (0x0062, Text::new("LAN: state", "局域网：状态")),
];

/// What a command of the local network is.
pub fn name(command: u16) -> Option<Text> {
    COMMANDS.iter().find(|(known, _)| *known == command).map(|(_, name)| *name)
}

/// The discovery that clients send as a broadcast.
#[cfg(test)]
const DISCOVERY: [u8; 8] = [0, 0, 0, 3, 3, 0, 0, 3];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::gizwits::frame;

    #[test]
    fn the_discovery_of_clients_is_a_frame() {
        let read = frame::frames(&DISCOVERY, false).next().unwrap().unwrap();
        assert_eq!(name(read.command).map(|name| name.en), Some("LAN: discovery"));
        assert_eq!(frame::write(0x0003, &[]), DISCOVERY);
    }
}
