//! A name server on loopback whose answers are scripted.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use delivery::Names;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig, ResolverOpts,
};
use hickory_resolver::proto::rr::Name;
use simple_dns::rdata::{A, AAAA, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};
use tokio::net::UdpSocket;

/// Longest message without extensions (RFC 1035).
const LONGEST: usize = 512;

/// What the server does with questions for one family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Answers,
    /// It says that something is wrong with it.
    Fails,
    IsSilent,
}

/// A running server.
pub(crate) struct NameServer {
    address: SocketAddr,
    asked: Asked,
}

/// The names that it was asked for, of each family.
type Asked = Arc<[Mutex<Vec<String>>; 2]>;

struct Script {
    answers: Vec<Vec<IpAddr>>,
    /// IPv4, and IPv6.
    manners: [Manner; 2],
}

impl NameServer {
    /// One answer for each lookup; the last one is repeated. Without any, it stays silent.
    pub(crate) async fn start(answers: &[&[&str]]) -> Self {
        Self::with_manners(answers, [Manner::Answers; 2]).await
    }

    /// The same, which treats questions for IPv4 and IPv6 so.
    pub(crate) async fn with_manners(answers: &[&[&str]], manners: [Manner; 2]) -> Self {
        let parsed = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(parsed).collect();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Asked::default();
        tokio::spawn(serve(
            socket,
            Script { answers, manners },
            Arc::clone(&asked),
        ));
        Self { address, asked }
    }

    /// Names as this server gives them out, in a network whose own names end so.
    pub(crate) fn names(&self) -> Names {
        let mut connection = ConnectionConfig::new(ProtocolConfig::Udp);
        connection.port = self.address.port();
        let server = NameServerConfig::new(self.address.ip(), true, vec![connection]);
        let own = Name::from_ascii("own.network.").unwrap();
        let config = ResolverConfig::from_parts(Some(own.clone()), vec![own], vec![server]);
        let mut options = ResolverOpts::default();
        // More dots than any name has: all of them are looked for in the own network first, if
        // anything is.
        options.ndots = 9;
        Names::of(config, options).unwrap()
    }

    /// How many names it was asked for.
    pub(crate) fn lookups(&self) -> usize {
        self.asked[0].lock().unwrap().len()
    }

    /// Those that it was asked for, in both families.
    pub(crate) fn asked(&self) -> [Vec<String>; 2] {
        [0, 1].map(|family: usize| self.asked[family].lock().unwrap().clone())
    }
}

async fn serve(socket: UdpSocket, script: Script, asked: Asked) {
    let mut buffer = [0; LONGEST];
    loop {
        let (length, resolver) = socket.recv_from(&mut buffer).await.unwrap();
        let query = Packet::parse(&buffer[..length]).unwrap();
        let question = query.questions[0].clone();
        let is_v4 = question.qtype == QTYPE::TYPE(TYPE::A);
        let family = usize::from(!is_v4);
        let lookup = {
            let mut asked = asked[family].lock().unwrap();
            asked.push(question.qname.to_string());
            asked.len() - 1
        };
        let answer = script.answers.get(lookup).or(script.answers.last());
        let (Some(answer), true) = (answer, script.manners[family] != Manner::IsSilent) else {
            continue;
        };
        let mut reply = Packet::new_reply(query.id());
        reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
        if script.manners[family] == Manner::Fails {
            *reply.rcode_mut() = RCODE::ServerFailure;
        } else {
            for address in answer.iter().filter(|address| address.is_ipv4() == is_v4) {
                let name = question.qname.clone();
                let record = ResourceRecord::new(name, CLASS::IN, 0, data_of(*address));
                reply.answers.push(record);
            }
        }
        reply.questions.push(question);
        let reply = reply.build_bytes_vec().unwrap();
        socket.send_to(&reply, resolver).await.unwrap();
    }
}

fn data_of(address: IpAddr) -> RData<'static> {
    match address {
        IpAddr::V4(address) => RData::A(A::from(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA::from(address)),
    }
}
