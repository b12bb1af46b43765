getData(
{
"commentIds": [
"7501",
"7501,7502,7505,7509"
],
"comments": {
"7501": {
"against": 0,
"anonymous": false,
"buildLevel": 1,
"commentId": 7501,
"content": "价格牌换得比菜单快",
"createTime": "2026-01-10 10:00:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7501",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9001,
"location": "湖北武汉",
"nickname": "巷口小店"
},
"vote": 41
},
"7502": {
"against": 1,
"anonymous": false,
"buildLevel": 2,
"commentId": 7502,
"content": "我上个月买亏了",
"createTime": "2026-01-10 10:05:30",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7502",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9002,
"location": "湖北武汉",
"nickname": "等等党"
},
"vote": 3
},
"7509": {
"against": 0,
"anonymous": false,
"buildLevel": 4,
"commentId": 7509,
"content": "楼上别急，<br>下个月更贵 &amp; 没货",
"createTime": "2026-01-10 11:20:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7509",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9002,
"location": "湖北武汉",
"nickname": "等等党"
},
"vote": 8
}
},
"newListSize": 64
});